// The heads of aggregates that left the window, the long unused ones leaving first. Saves the index
// a look-up for every append to a known aggregate. Safe to call from any thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "storage/base/ids.h"

namespace daybook {

class HeadCache {
 public:
  // `seed` keeps clients from choosing names that collide.
  HeadCache(std::size_t heads_max, std::uint64_t seed) : half_(heads_max / 2), seed_(seed) {}

  std::optional<Sequence> find(std::string_view aggregate_term);
  // From the poster: the head of an aggregate whose postings up to `posted` are in the index.
  void put(std::string_view aggregate_term, Sequence head);
  // From here on the index is at `posted`: what was looked up in an older one is not remembered.
  void advance(Offset posted);
  // From a look-up in the index while it was at `posted`.
  void remember(std::string_view aggregate_term, Sequence head, Offset posted);

 private:
  struct Hash128 {
    std::uint64_t low, high;
    friend bool operator==(const Hash128&, const Hash128&) = default;
  };
  struct TakeLow {
    std::size_t operator()(const Hash128& hash) const { return hash.low; }
  };
  using Heads = boost::unordered_flat_map<Hash128, Sequence, TakeLow>;

  Hash128 hash(std::string_view term) const;
  void insert(const Hash128& hash, Sequence head);

  const std::size_t half_;
  const std::uint64_t seed_;
  std::mutex mutex_;
  Offset posted_;
  Heads young_;  // when it reaches half of the bound it becomes `old_`, and what was old is gone
  Heads old_;
};

}  // namespace daybook
