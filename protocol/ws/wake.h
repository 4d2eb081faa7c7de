// Waiting on one strand: a coroutine waits until another one notifies it, or until a moment comes.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>

namespace daybook::ws {

using Moment = std::chrono::steady_clock::time_point;

// Remembers nothing: whoever waits checks its condition first, and again afterwards. That is safe
// because everything that notifies runs on the same strand.
class Wake {
 public:
  explicit Wake(const boost::asio::any_io_executor& strand);
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  // Several may wait at once if they name the same moment.
  boost::asio::awaitable<void> wait(Moment until = Moment::max());
  void notify();

 private:
  struct Timer;
  std::unique_ptr<Timer> timer_;
};

}  // namespace daybook::ws
