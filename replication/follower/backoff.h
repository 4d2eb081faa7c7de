// How long to wait before the next attempt: twice as long after each failure, with jitter, so that
// many who lost the same server do not come back together.
#pragma once

#include <chrono>
#include <cstdint>

namespace daybook {

struct BackoffBounds {
  std::chrono::milliseconds shortest{100};
  std::chrono::milliseconds longest{10'000};
};

class Backoff {
 public:
  explicit Backoff(BackoffBounds bounds) : bounds_(bounds), next_(bounds.shortest) {}

  // Between half and all of what is due; `random` chooses. Then twice as much is due.
  std::chrono::milliseconds next(std::uint64_t random);
  void reset() { next_ = bounds_.shortest; }

 private:
  const BackoffBounds bounds_;
  std::chrono::milliseconds next_;
};

}  // namespace daybook
