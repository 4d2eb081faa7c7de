// The live readers of one io thread (subscriptions, tails, long polls): looks at what was committed
// and tells those whom it concerns.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "storage/index/window.h"
#include "storage/model/interests.h"

namespace daybook {

class Listeners {
 public:
  // `interests` outlives the context: coroutines that end with it leave it.
  Listeners(boost::asio::io_context& context, Interests& interests);

  // On the io thread. `told` is called there when something was committed that the filter matches,
  // after every so many events that it does not, and at `stop`.
  std::unique_ptr<Interest> listen(const Window& window, Filter filter, std::function<void()> told);

  // Any thread: the window has moved. Costs one atomic load while nobody listens.
  void notify(const Window& window);
  // Any thread: tells everybody, once, that the interests are closed.
  void stop();

 private:
  void look(const Window& window);
  std::size_t look_at_new(const Window& window);

  boost::asio::io_context& context_;
  Interests& interests_;
  std::atomic<bool> scheduled_{false};

  // The io thread alone.
  boost::asio::steady_timer pause_;
  std::chrono::steady_clock::time_point next_look_;  // not before
  Offset all_told_;
  std::chrono::steady_clock::time_point all_told_time_;
};

}  // namespace daybook
