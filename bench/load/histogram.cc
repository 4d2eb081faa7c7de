// Percentiles out of the buckets: the middle of the bucket that the rank falls into.
#include "bench/load/histogram.h"

#include <algorithm>
#include <cmath>

namespace daybook::load {

double Histogram::percentile_us(double fraction) const {
  if (count_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  std::size_t bucket = 0;
  for (; bucket < kBuckets - 1; ++bucket) {
    seen += counts_[bucket];
    if (seen >= rank) break;
  }
  if (bucket < kSub) return static_cast<double>(bucket) / 1000.0;
  const std::size_t shift = bucket / kSub - 1;
  const std::uint64_t low = (kSub + bucket % kSub) << shift;
  const std::uint64_t middle = low + ((std::uint64_t{1} << shift) >> 1);
  return static_cast<double>(std::min(middle, max_)) / 1000.0;
}

}  // namespace daybook::load
