#include "storage/index/head_cache.h"

#include <xxhash.h>

namespace daybook {

HeadCache::Hash128 HeadCache::hash(std::string_view term) const {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(term.data(), term.size(), seed_);
  return {hash.low64, hash.high64};
}

std::optional<Sequence> HeadCache::find(std::string_view aggregate_term) {
  const Hash128 key = hash(aggregate_term);
  const std::scoped_lock lock(mutex_);
  if (const auto found = young_.find(key); found != young_.end()) return found->second;
  const auto found = old_.find(key);
  if (found == old_.end()) return std::nullopt;
  const Sequence head = found->second;
  insert(key, head);
  return head;
}

void HeadCache::put(std::string_view aggregate_term, Sequence head) {
  const Hash128 key = hash(aggregate_term);
  const std::scoped_lock lock(mutex_);
  insert(key, head);
}

void HeadCache::advance(Offset posted) {
  const std::scoped_lock lock(mutex_);
  posted_ = posted;
}

void HeadCache::remember(std::string_view aggregate_term, Sequence head, Offset posted) {
  const Hash128 key = hash(aggregate_term);
  const std::scoped_lock lock(mutex_);
  // A look-up in an older index may miss what was posted since, and would answer for ever.
  if (posted == posted_) insert(key, head);
}

void HeadCache::insert(const Hash128& key, Sequence head) {
  young_.insert_or_assign(key, head);
  if (young_.size() < half_) return;
  old_ = std::move(young_);
  young_ = Heads();
}

}  // namespace daybook
