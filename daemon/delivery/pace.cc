#include "daemon/delivery/pace.h"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace daybook {
namespace {

constexpr std::chrono::milliseconds kWindow{100};
constexpr std::chrono::nanoseconds kRestMax = std::chrono::milliseconds(200);
constexpr std::chrono::nanoseconds kPerDesk = std::chrono::microseconds(200);
// A thread that is 0.5 ms late has desks rest for 200 ms: each then waits about as long as without.
constexpr int kPerLate = 400;

}  // namespace

void Pace::begin_window(std::int64_t window, Moment now) {
  busy_before_ = window == window_ + 1 ? busy_ : 0;
  busy_ = 0;
  window_ = window;
  boost::asio::post(
      context_, [this, now] { late_ = (late_ + (std::chrono::steady_clock::now() - now)) / 2; });
}

void Pace::took_turn(Stamp& stamp, Moment now) {
  const std::int64_t window = now.time_since_epoch() / kWindow;
  if (window != window_) begin_window(window, now);
  if (stamp.window != window) ++busy_;
  stamp.window = window;
  const std::int64_t others = std::max(busy_, busy_before_) - 1;
  stamp.rests_until = now + std::min({others * kPerDesk, kPerLate * late_, kRestMax});
}

}  // namespace daybook
