// The one clock of the generator: monotonic nanoseconds.
#pragma once

#include <time.h>

#include <cstdint>

namespace daybook::load {

inline constexpr std::int64_t kSecondNs = 1'000'000'000;

inline std::int64_t now_ns() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * kSecondNs + t.tv_nsec;
}

inline std::int64_t seconds_to_ns(double seconds) {
  return static_cast<std::int64_t>(seconds * static_cast<double>(kSecondNs));
}

}  // namespace daybook::load
