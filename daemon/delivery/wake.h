// One coroutine waits until it is woken or a moment comes; that it was woken is remembered. One io
// thread.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include "protocol/backend.h"
#include "storage/model/queue.h"

namespace daybook {

class Wake {
 public:
  explicit Wake(boost::asio::io_context& context) : timer_(context) {}

  Awaitable<void> wait(Moment until);
  void wake() {
    woken_ = true;
    if (waits_) timer_.cancel();
  }

 private:
  boost::asio::steady_timer timer_;
  bool waits_ = false;
  bool woken_ = false;
};

}  // namespace daybook
