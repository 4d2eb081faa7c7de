// See live_wait.h.
#include "protocol/http/live_wait.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace daybook::http {

namespace asio = boost::asio;

const Interest& LiveWait::interest() {
  if (!interest_)
    interest_ = log_.listen(filter_, [this] {
      if (timer_) timer_->cancel();
    });
  return *interest_;
}

Awaitable<bool> LiveWait::wait(Offset position, std::chrono::milliseconds at_most) {
  if (interest().may_match_above(position)) co_return true;
  if (interest().closed()) co_return false;
  const auto executor = co_await asio::this_coro::executor;
  timer_.emplace(executor, at_most);
  co_await timer_->async_wait(asio::as_tuple(asio::use_awaitable));
  timer_.reset();
  co_return !interest().closed();
}

}  // namespace daybook::http
