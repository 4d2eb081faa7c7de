#include "daemon/followers/log_feed.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace daybook {

namespace asio = boost::asio;

Awaitable<void> LogFeed::wait_above(Offset after) {
  Filter everything;
  std::function<void()> told = [this] { woken_.cancel(); };
  const auto interest = log_.listen(std::move(everything), std::move(told));
  // Only now: of what is committed from here on it is told.
  if (log_.head() > after) co_return;
  woken_.expires_at(asio::steady_timer::time_point::max());
  co_await woken_.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace daybook
