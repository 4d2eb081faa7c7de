#include "storage/index/head_cache.h"

#include <xxhash.h>

namespace daybook {

HeadCache::Hash128 HeadCache::hash(std::string_view term) const {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(term.data(), term.size(), seed_);
  return {hash.low64, hash.high64};
}

std::optional<Sequence> HeadCache::find(std::string_view aggregate_term) {
  const Hash128 key = hash(aggregate_term);
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  if (const auto found = shard.young.find(key); found != shard.young.end()) return found->second;
  const auto found = shard.old.find(key);
  if (found == shard.old.end()) return std::nullopt;
  const Sequence head = found->second;
  insert(shard, key, head);
  return head;
}

void HeadCache::put(std::string_view aggregate_term, Sequence head) {
  const Hash128 key = hash(aggregate_term);
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  insert(shard, key, head);
}

void HeadCache::remember(std::string_view aggregate_term, Sequence head, std::uint64_t epoch) {
  const Hash128 key = hash(aggregate_term);
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  // A head that the writer put meanwhile is newer. It is still here, or the epoch has changed.
  if (epoch != epoch_.load() || shard.young.contains(key) || shard.old.contains(key)) return;
  insert(shard, key, head);
}

void HeadCache::insert(Shard& shard, const Hash128& key, Sequence head) {
  shard.young.insert_or_assign(key, head);
  if (shard.young.size() < half_of_shard_) return;
  ++epoch_;
  shard.old = std::move(shard.young);
  shard.young = Heads();
}

}  // namespace daybook
