#include "daemon/followers/reached.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace daybook {

namespace asio = boost::asio;

// Among those who wait as long as it lives.
class Reached::Waiting {
 public:
  Waiting(Reached& reached, Waiter waiter) : reached_(reached) {
    const std::scoped_lock lock(reached_.mutex_);
    at_ = reached_.waiters_.insert(reached_.waiters_.end(), std::move(waiter));
  }
  ~Waiting() {
    const std::scoped_lock lock(reached_.mutex_);
    reached_.waiters_.erase(at_);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  bool is_over() const {
    const std::scoped_lock lock(reached_.mutex_);
    return reached_.at_ >= at_->offset;
  }

 private:
  Reached& reached_;
  std::list<Waiter>::iterator at_;
};

void Reached::moved(Offset to) {
  const std::scoped_lock lock(mutex_);
  at_ = to;
  for (const Waiter& waiter : waiters_)
    if (waiter.offset <= to)
      asio::post(waiter.deadline->get_executor(),
                 [deadline = waiter.deadline] { deadline->cancel(); });
}

void Reached::forget() {
  const std::scoped_lock lock(mutex_);
  at_.reset();
}

Awaitable<bool> Reached::wait(std::shared_ptr<Reached> self, Offset offset,
                              std::chrono::milliseconds at_most) {
  const auto executor = co_await asio::this_coro::executor;
  const auto deadline = std::make_shared<asio::steady_timer>(executor, at_most);
  const Waiting waiting(*self, Waiter{.offset = offset, .deadline = deadline});
  // What comes from here on is posted behind this coroutine, so that the timer waits by then.
  if (!waiting.is_over()) co_await deadline->async_wait(asio::as_tuple(asio::use_awaitable));
  co_return waiting.is_over();
}

}  // namespace daybook
