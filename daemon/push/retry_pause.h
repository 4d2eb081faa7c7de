// How long to wait before what has failed is begun again.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

namespace daybook {

class RetryPause {
 public:
  static constexpr std::chrono::seconds shortest{1};
  static constexpr std::chrono::seconds longest{60};

  // After a run that lasted so long: twice the pause before, and the first one again where it was
  // well for longer than any pause.
  std::chrono::seconds after(std::chrono::steady_clock::duration lasted) {
    if (lasted > longest) next_ = shortest;
    return std::exchange(next_, std::min(next_ * 2, longest));
  }

 private:
  std::chrono::seconds next_ = shortest;
};

}  // namespace daybook
