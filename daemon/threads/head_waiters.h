// Coroutines of one io thread that wait for the head to move: long polls and live tails.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>

#include "protocol/backend.h"

namespace daybook {

class HeadWaiters {
 public:
  explicit HeadWaiters(boost::asio::io_context& context);

  // On the io thread. Ends when the head that `notify` told is above `after`, at the timeout, or at
  // `stop`. The caller looks at the head again.
  Awaitable<void> wait(Offset after, std::chrono::milliseconds timeout);

  // Any thread: the head has moved. Costs one atomic load while nobody waits.
  void notify(Offset head);
  // Any thread: ends all waits, now and from then on.
  void stop();

 private:
  struct Waiter {
    Offset after;
    boost::asio::steady_timer timer;
  };
  void wake();
  void wake_later();
  void wake_all();

  boost::asio::io_context& context_;
  std::atomic<std::uint64_t> head_{0};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<bool> scheduled_{false};
  std::atomic<bool> stopped_{false};

  // The io thread alone.
  std::list<Waiter*> waiters_;
  boost::asio::steady_timer pause_;
  std::chrono::steady_clock::time_point woken_;
};

}  // namespace daybook
