// Compares two sets of postings without keeping them: each side adds what it has, in any order, and
// where the sums differ so do the sets. Sums are kept for each range of offsets, so that a
// difference shows where it is.
//
// The sum of hashes modulo 2^64, twice: Clarke et al., "Incremental Multiset Hash Functions", 2003
// (MSet-Add-Hash; against accidents, not against an adversary).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "storage/base/ids.h"

namespace daybook {

class Tally {
 public:
  static constexpr std::uint64_t kRange = 64 << 10;  // offsets

  // `number` is what the posting says beside its offset: the sequence, or 0.
  void add(std::string_view term, Offset offset, std::uint64_t number = 0);
  std::uint64_t count() const;

  struct Difference {
    Offset first;  // of the range
    Offset last;
    std::uint64_t mine = 0;
    std::uint64_t others = 0;
  };
  std::vector<Difference> compare(const Tally& other) const;

 private:
  struct Sum {
    std::uint64_t count = 0;
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const Sum&, const Sum&) = default;
  };
  Sum at(std::size_t range) const { return range < sums_.size() ? sums_[range] : Sum{}; }

  std::vector<Sum> sums_;
};

}  // namespace daybook
