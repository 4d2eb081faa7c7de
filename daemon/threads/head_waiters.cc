#include "daemon/threads/head_waiters.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

namespace daybook {
namespace {

// With many who wait, each commit would wake them all: then they are woken at most this often.
constexpr std::size_t kMany = 16;
constexpr std::chrono::milliseconds kPause{2};

constexpr auto kAsTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace

HeadWaiters::HeadWaiters(boost::asio::io_context& context) : context_(context), pause_(context) {}

Awaitable<void> HeadWaiters::wait(Offset after, std::chrono::milliseconds timeout) {
  Waiter waiter{after, boost::asio::steady_timer(context_, timeout)};
  const auto place = waiters_.insert(waiters_.end(), &waiter);
  ++waiting_;
  // Told after the caller looked at the head and before it counted as waiting: not to be missed.
  if (head_.load() <= after.value && !stopped_.load()) co_await waiter.timer.async_wait(kAsTuple);
  waiters_.erase(place);
  --waiting_;
}

void HeadWaiters::notify(Offset head) {
  head_.store(head.value);
  if (waiting_.load() == 0 || scheduled_.exchange(true)) return;
  boost::asio::post(context_, [this] { wake(); });
}

void HeadWaiters::wake() {
  const auto now = std::chrono::steady_clock::now();
  if (waiters_.size() > kMany && now - woken_ < kPause) return wake_later();
  scheduled_.store(false);
  woken_ = now;
  const std::uint64_t head = head_.load();
  for (Waiter* waiter : waiters_)
    if (head > waiter->after.value) waiter->timer.cancel();
}

void HeadWaiters::wake_later() {
  pause_.expires_at(woken_ + kPause);
  pause_.async_wait([this](boost::system::error_code) { wake(); });
}

void HeadWaiters::stop() {
  stopped_.store(true);
  boost::asio::post(context_, [this] { wake_all(); });
}

void HeadWaiters::wake_all() {
  for (Waiter* waiter : waiters_) waiter->timer.cancel();
}

}  // namespace daybook
