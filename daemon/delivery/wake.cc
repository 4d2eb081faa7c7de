#include "daemon/delivery/wake.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace daybook {

Awaitable<void> Wake::wait(Moment until) {
  if (std::exchange(woken_, false)) co_return;
  timer_.expires_at(until);
  waits_ = true;
  co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  waits_ = false;
  woken_ = false;
}

}  // namespace daybook
