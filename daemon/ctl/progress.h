// A progress bar for whoever watches.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace daybook::ctl {

struct Progress {
  std::uint64_t done = 0;   // of `total`, in whatever is known beforehand: bytes, offsets
  std::uint64_t total = 0;  // 0: unknown
  std::uint64_t items = 0;  // what a person counts: events
};

// "[########            ]  40%  1200 events", or without a total "1200 events".
std::string render(const Progress& progress, std::size_t columns);

// Redraws one line at most ten times a second. Draws nothing unless a terminal watches.
class ProgressBar {
 public:
  ProgressBar(std::ostream& out, bool is_watched, std::size_t columns)
      : out_(out), is_watched_(is_watched), columns_(columns) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const Progress& progress);
  void clear();  // takes the line away

 private:
  std::ostream& out_;
  bool is_watched_;
  std::size_t columns_;
  bool is_drawn_ = false;
  std::chrono::steady_clock::time_point drawn_at_{};
};

}  // namespace daybook::ctl
