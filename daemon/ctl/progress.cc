// Draws the bar.
#include "daemon/ctl/progress.h"

#include <algorithm>

namespace daybook::ctl {

std::string render(const Progress& progress, std::size_t columns) {
  std::string events = std::to_string(progress.items) + " events";
  if (progress.total == 0) return events;
  const double share =
      std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total));
  const std::string percent = std::to_string(static_cast<int>(share * 100));
  const std::string right = "] " + std::string(3 - std::min<std::size_t>(percent.size(), 3), ' ') +
                            percent + "%  " + events;
  const std::size_t room = columns > right.size() + 12 ? columns - right.size() - 2 : 10;
  const std::size_t width = std::min<std::size_t>(room, 40);
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  return '[' + std::string(filled, '#') + std::string(width - filled, ' ') + right;
}

void ProgressBar::show(const Progress& progress) {
  constexpr std::chrono::milliseconds kRedraw{100};
  if (!is_watched_) return;
  const auto time = std::chrono::steady_clock::now();
  if (is_drawn_ && time - drawn_at_ < kRedraw) return;
  out_ << "\r\x1b[K" << render(progress, columns_) << std::flush;
  is_drawn_ = true;
  drawn_at_ = time;
}

void ProgressBar::clear() {
  if (is_drawn_) out_ << "\r\x1b[K" << std::flush;
  is_drawn_ = false;
}

}  // namespace daybook::ctl
