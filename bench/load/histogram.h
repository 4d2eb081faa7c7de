// Durations in log-linear buckets: 128 per power of two, so that a percentile is right within 0.8 %
// from a nanosecond to an hour, in fixed memory.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace daybook::load {

class Histogram {
 public:
  void add(std::int64_t ns) {
    const auto value = static_cast<std::uint64_t>(ns < 0 ? 0 : ns);
    ++counts_[bucket_of(value)];
    ++count_;
    if (value > max_) max_ = value;
  }

  std::uint64_t count() const { return count_; }
  double max_us() const { return static_cast<double>(max_) / 1000.0; }
  // The duration that `fraction` of all stay within, in microseconds; 0 where nothing was added.
  double percentile_us(double fraction) const;

 private:
  static constexpr unsigned kSubBits = 7;
  static constexpr std::uint64_t kSub = 1U << kSubBits;
  static constexpr std::size_t kBuckets = kSub * 36;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < kSub) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - kSubBits - 1;
    const std::size_t bucket = (shift + 1) * kSub + ((value >> shift) - kSub);
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace daybook::load
