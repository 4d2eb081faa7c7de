#include "daemon/threads/listeners.h"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "storage/base/limits.h"

namespace daybook {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Each reader that one look tells delays the next look. To read and send takes about 12 us each:
// so live readers take a quarter of a busy thread, and get more events at once instead.
constexpr std::chrono::microseconds kPauseEach{50};
constexpr milliseconds kPauseMax{250};  // however many there are
// More new events than this are not looked at on an io thread: everybody reads on instead.
constexpr std::uint64_t kLookMax = 10'000;
// Who hears nothing is told after `limits::checkpoint_events`, so that it says how far it got, but
// not more often.
constexpr milliseconds kTellAllPause{500};

steady_clock::duration pause_after(std::size_t told) {
  return std::min<steady_clock::duration>(told * kPauseEach, kPauseMax);
}

// Marks those whose filters match what lies above `looked_at`. False where that cannot be said.
bool look_at_events(const WindowView& window, Interests& interests) {
  Offset at = interests.looked_at();
  if (window.head() - at > kLookMax || !window.covers_after(at)) return false;
  while (at < window.head()) {
    const auto block = window.block_at(at + 1);
    const Offset last = std::min(block->last(), window.head());
    while (at < last) {
      at = at + 1;
      const auto event = block->event(at);
      if (!event) return false;  // Whoever reads it says why.
      interests.look_at(*event);
    }
  }
  return true;
}

}  // namespace

Listeners::Listeners(boost::asio::io_context& context, Interests& interests)
    : context_(context), interests_(interests), pause_(context) {}

std::unique_ptr<Interest> Listeners::listen(const Window& window, Filter filter,
                                            std::function<void()> told) {
  auto interest = std::make_unique<Interest>(interests_, std::move(filter), std::move(told));
  // Only now: a commit that `notify` was told of before the interest counted is below this head.
  interest->begin(window.committed());
  return interest;
}

void Listeners::notify(const Window& window) {
  if (interests_.empty() || scheduled_.exchange(true)) return;
  boost::asio::post(context_, [this, &window] { look(window); });
}

void Listeners::look(const Window& window) {
  const auto now = steady_clock::now();
  if (now < next_look_) {
    pause_.expires_at(next_look_);
    pause_.async_wait([this, &window](boost::system::error_code) { look(window); });
    return;
  }
  scheduled_.store(false);
  next_look_ = now + pause_after(look_at_new(window));
  if (interests_.looked_at() - all_told_ < limits::checkpoint_events ||
      now - all_told_time_ < kTellAllPause)
    return;
  all_told_ = interests_.looked_at();
  all_told_time_ = now;
  next_look_ = std::max(next_look_, now + pause_after(interests_.size()));
  interests_.tell_all();
}

std::size_t Listeners::look_at_new(const Window& window) {
  const WindowView view = window.view();
  if (view.head() <= interests_.looked_at()) return 0;
  if (interests_.has_filters() && !look_at_events(view, interests_))
    interests_.mark_all(view.head());
  return interests_.tell_up_to(view.head());
}

void Listeners::stop() {
  boost::asio::post(context_, [this] { interests_.close(); });
}

}  // namespace daybook
