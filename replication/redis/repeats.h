// Redis sends a message once for each pattern of a subscriber that it matches, one right after the
// other. Which of them are repeats?
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace daybook::redis {

// Of one subscription, which sees every message by the same patterns: so a pattern that comes again
// begins the next message, even where channel and text are the same.
class Repeats {
 public:
  bool is_repeat(const std::string& pattern, const std::string& channel, const std::string& text) {
    const bool is_next = seen_.empty() || channel != channel_ || text != text_ ||
                         std::ranges::count(seen_, pattern) > 0;
    if (is_next) {
      channel_ = channel;
      text_ = text;
      seen_.clear();
    }
    seen_.push_back(pattern);
    return !is_next;
  }

 private:
  std::string channel_;
  std::string text_;
  std::vector<std::string> seen_;  // patterns by which this message came
};

}  // namespace daybook::redis
