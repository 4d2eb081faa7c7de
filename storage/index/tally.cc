#include "storage/index/tally.h"

#include <xxhash.h>

#include <algorithm>

namespace daybook {

void Tally::add(std::string_view term, Offset offset, std::uint64_t number) {
  const std::size_t range = offset.value / kRange;
  if (range >= sums_.size()) sums_.resize(range + 1);
  const std::uint64_t seed = offset.value * 0x9e3779b97f4a7c15 + number;
  const XXH128_hash_t hash = XXH3_128bits_withSeed(term.data(), term.size(), seed);
  Sum& sum = sums_[range];
  ++sum.count;
  sum.low += hash.low64;
  sum.high += hash.high64;
}

std::uint64_t Tally::count() const {
  std::uint64_t count = 0;
  for (const Sum& sum : sums_) count += sum.count;
  return count;
}

std::vector<Tally::Difference> Tally::compare(const Tally& other) const {
  std::vector<Difference> differences;
  for (std::size_t range = 0; range < std::max(sums_.size(), other.sums_.size()); ++range) {
    if (at(range) == other.at(range)) continue;
    differences.push_back({.first = {range * kRange},
                           .last = {(range + 1) * kRange - 1},
                           .mine = at(range).count,
                           .others = other.at(range).count});
  }
  return differences;
}

}  // namespace daybook
