// Ends what waits for a server once the followers are stopped. Of one thread.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <variant>

#include "daemon/followers/on_thread.h"
#include "protocol/backend.h"

namespace daybook {

class StopSignal {
 public:
  explicit StopSignal(boost::asio::io_context& context)
      : stopped_(context, boost::asio::steady_timer::time_point::max()) {}

  void stop() {
    is_stopped_ = true;
    stopped_.cancel();
  }
  bool is_stopped() const { return is_stopped_; }

  // What the task gives, or `shutting_down`: it is cancelled then. `T` is a Result.
  template <class T>
  Awaitable<T> or_stop(Awaitable<T> task) {
    using boost::asio::experimental::awaitable_operators::operator||;
    if (is_stopped_) co_return Error{Errc::shutting_down, "the daemon is stopping"};
    // One that throws would leave the other one waiting.
    auto either = without_throwing(std::move(task)) || wait();
    auto ended = co_await std::move(either);
    if (ended.index() == 0) co_return std::get<0>(std::move(ended));
    co_return Error{Errc::shutting_down, "the daemon is stopping"};
  }

 private:
  Awaitable<bool> wait() {
    co_await stopped_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return true;
  }

  boost::asio::steady_timer stopped_;
  bool is_stopped_ = false;
};

}  // namespace daybook
