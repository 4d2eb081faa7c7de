// The newest sequence of many aggregates, the long unused ones leaving first. It spares an append
// to a known aggregate the look-ups in window and index. Safe to call from any thread.
//
// What is in here is always the newest: the writer puts every head that it decides, and a look-up
// in the index is remembered only where nothing can have come in between.
#pragma once

#include <array>
#include <atomic>
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
  HeadCache(std::size_t heads_max, std::uint64_t seed)
      : half_of_shard_(heads_max / kShards / 2 + 1), seed_(seed) {}

  std::optional<Sequence> find(std::string_view aggregate_term);
  // The writer, for every head that it decides.
  void put(std::string_view aggregate_term, Sequence head);

  // Changes whenever heads may have been forgotten.
  std::uint64_t epoch() const { return epoch_.load(); }
  // A head that was looked up in the index, where `epoch` is what it was before the look-up.
  void remember(std::string_view aggregate_term, Sequence head, std::uint64_t epoch);

 private:
  static constexpr std::size_t kShards = 16;

  struct Hash128 {
    std::uint64_t low, high;
    friend bool operator==(const Hash128&, const Hash128&) = default;
  };
  struct TakeLow {
    std::size_t operator()(const Hash128& hash) const { return hash.low; }
  };
  using Heads = boost::unordered_flat_map<Hash128, Sequence, TakeLow>;

  struct Shard {
    std::mutex mutex;
    Heads young;  // when it reaches half of the bound it becomes `old`, and what was old is gone
    Heads old;
  };

  Hash128 hash(std::string_view term) const;
  Shard& shard_of(const Hash128& hash) { return shards_[hash.high % kShards]; }
  void insert(Shard& shard, const Hash128& hash, Sequence head);

  const std::size_t half_of_shard_;
  const std::uint64_t seed_;
  std::atomic<std::uint64_t> epoch_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace daybook
