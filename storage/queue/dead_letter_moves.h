// Which dead letters were buried or settled lately, so that nothing is decided on a row that has
// gone or changed since it was read.
#pragma once

#include <cstddef>
#include <deque>
#include <map>

#include "storage/model/queue.h"

namespace daybook::queue {

class DeadLetterMoves {
 public:
  // So many are known; what was read before them may all have moved.
  static constexpr std::size_t kKnownMax = 10'000;

  DeadLetterMoment now() const { return now_; }
  void note(Offset offset) {
    last_[offset] = ++now_;
    order_.push_back(offset);
    if (order_.size() <= kKnownMax) return;
    const auto oldest = last_.find(order_.front());
    if (oldest->second == now_ - kKnownMax) last_.erase(oldest);  // Else it moved again.
    order_.pop_front();
  }
  // Also where that is too long ago to be known.
  bool has_moved(Offset offset, DeadLetterMoment since) const {
    if (since == kJustNow) return false;
    if (since > now_ || now_ - since > order_.size()) return true;
    const auto found = last_.find(offset);
    return found != last_.end() && found->second > since;
  }

 private:
  DeadLetterMoment now_ = 0;
  std::deque<Offset> order_;                 // the last kKnownMax moves
  std::map<Offset, DeadLetterMoment> last_;  // of those
};

}  // namespace daybook::queue
