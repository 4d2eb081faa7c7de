// How far a follower has come, for those who wait for it to come so far.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "protocol/backend.h"

namespace daybook {

class Reached {
 public:
  // Any thread. Costs a short lock while nobody waits.
  void moved(Offset to);
  // What was known does not hold any more.
  void forget();

  // From a coroutine of any executor: true once everything up to the offset is posted, false once
  // `at_most` is over. Shares itself with whoever waits.
  static Awaitable<bool> wait(std::shared_ptr<Reached> self, Offset offset,
                              std::chrono::milliseconds at_most);

 private:
  struct Waiter {
    Offset offset;
    std::shared_ptr<boost::asio::steady_timer> deadline;  // shared with the call that ends it
  };
  class Waiting;

  std::mutex mutex_;
  std::optional<Offset> at_;  // nullopt: not known yet
  std::list<Waiter> waiters_;
};

}  // namespace daybook
