// Asks for the addresses of a host.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <string>
#include <vector>

#include "replication/webhook/address.h"
#include "storage/base/result.h"

namespace daybook::webhook {

using Resolved = Result<std::vector<Address>>;

// Calls `done` once, later, on the thread of whoever asks; with at least one address, or io_failed.
using Resolve = std::function<void(const std::string& host, std::function<void(Resolved)> done)>;

// The operating system's resolver, which blocks a thread of Asio's own and nobody else. What was
// asked is answered or dropped with the executor's context; it cannot be cancelled.
Resolve system_resolver(const boost::asio::any_io_executor& executor);

}  // namespace daybook::webhook
