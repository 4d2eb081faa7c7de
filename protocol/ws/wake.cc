// Waiting is a timer: to notify is to cancel it.
#include "protocol/ws/wake.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace daybook::ws {

namespace asio = boost::asio;

struct Wake::Timer {
  asio::steady_timer timer;
};

Wake::Wake(const asio::any_io_executor& strand)
    : timer_(std::make_unique<Timer>(Timer{asio::steady_timer(strand, Moment::max())})) {}

Wake::~Wake() = default;

asio::awaitable<void> Wake::wait(Moment until) {
  asio::steady_timer& timer = timer_->timer;
  if (timer.expiry() != until) timer.expires_at(until);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

void Wake::notify() {
  timer_->timer.cancel();
}

}  // namespace daybook::ws
