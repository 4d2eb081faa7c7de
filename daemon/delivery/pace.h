// How often the desks of one io thread take turns. A turn costs about the same whether it moves one
// event or a hundred: where many desks are busy each waits a little, so that events and acks gather
// and appends keep their share of the thread. A desk that is busy alone never waits. One io thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "storage/model/queue.h"

namespace daybook {

class Pace {
 public:
  static constexpr std::chrono::microseconds kPerDesk{100};
  static constexpr std::chrono::milliseconds kPauseMax{100};

  // What a desk keeps of it.
  struct Stamp {
    std::int64_t window = -1;  // in which it took its last turn
    Moment rests_until = Moment::min();
  };

  // The desk takes a turn now.
  void took_turn(Stamp& stamp, Moment now) {
    const std::int64_t window = now.time_since_epoch() / kPauseMax;
    if (window != window_) {
      busy_before_ = window == window_ + 1 ? busy_ : 0;
      busy_ = 0;
      window_ = window;
    }
    if (stamp.window != window) ++busy_;
    stamp.window = window;
    const std::int64_t others = std::max(busy_, busy_before_) - 1;
    stamp.rests_until = now + std::min<std::chrono::microseconds>(others * kPerDesk, kPauseMax);
  }

 private:
  std::int64_t window_ = -1;
  std::int64_t busy_ = 0;         // desks that took a turn in this window
  std::int64_t busy_before_ = 0;  // and in the one before
};

}  // namespace daybook
