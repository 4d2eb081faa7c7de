#include "replication/follower/backoff.h"

#include <algorithm>

namespace daybook {

std::chrono::milliseconds Backoff::next(std::uint64_t random) {
  const std::chrono::milliseconds due = next_;
  next_ = std::min(next_ * 2, bounds_.longest);
  const auto half = static_cast<std::uint64_t>(due.count()) / 2;
  return due - std::chrono::milliseconds(random % (half + 1));
}

}  // namespace daybook
