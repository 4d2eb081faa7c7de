// Starts coroutines on an io thread: the only place that does. Each has a name, is counted while it
// lives, and what escapes from it is logged.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>

#include "protocol/backend.h"

namespace daybook::net {

void spawn(boost::asio::io_context& context, const char* name, Awaitable<void> task);

// How many live, in all io threads.
std::size_t live_tasks();

}  // namespace daybook::net
