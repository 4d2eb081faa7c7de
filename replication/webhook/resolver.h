// Asks for the addresses of hosts, which blocks: on threads of its own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "replication/webhook/address.h"
#include "storage/base/result.h"

namespace daybook::webhook {

using Resolved = Result<std::vector<Address>>;

// Calls `done` once, later, on the thread of whoever asks; with at least one address, or io_failed.
using Resolve = std::function<void(const std::string& host, std::function<void(Resolved)> done)>;

// The operating system's resolver (getaddrinfo). Blocks for as long as that likes.
Resolved look_up(const std::string& host);

// A host that does not resolve holds one thread, however often it is asked for: whoever asks while
// its look-up waits or runs shares the answer. A look-up cannot be cancelled.
class Resolver {
 public:
  static constexpr std::size_t threads_count = 4;
  // Bound: hosts that are looked up or wait for it, and who waits for one of them, those that have
  // given up included. Policy: over it the answer is io_failed, and a delivery is nacked with it.
  static constexpr std::size_t hosts_max = 256;
  static constexpr std::size_t askers_max = 1024;

  using LookUp = std::function<Resolved(const std::string& host)>;

  explicit Resolver(LookUp look_up = webhook::look_up);
  // Drops what was asked; waits for no look-up. The thread of one that runs ends with it, or with
  // the process; `look_up` has to bear that.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Any thread. Answers by way of `executor`, whose context outlives the resolver and is not kept
  // running by a question.
  Resolve on(const boost::asio::any_io_executor& executor) const;

 private:
  struct State;
  const std::shared_ptr<State> state_;  // Threads that are left behind share it.
};

}  // namespace daybook::webhook
