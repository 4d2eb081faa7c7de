#include "storage/book/block_cache.h"

namespace daybook {

std::shared_ptr<const Block> BlockCache::find(Offset offset) {
  const std::scoped_lock lock(mutex_);
  auto place = places_.upper_bound(offset);
  if (place == places_.begin()) return nullptr;
  --place;
  if (!(*place->second)->contains(offset)) return nullptr;
  recent_.splice(recent_.begin(), recent_, place->second);
  return *place->second;
}

void BlockCache::add(std::shared_ptr<const Block> block) {
  const std::scoped_lock lock(mutex_);
  if (!places_.emplace(block->first(), recent_.end()).second) return;
  bytes_ += block->bytes();
  recent_.push_front(std::move(block));
  places_[recent_.front()->first()] = recent_.begin();
  while (bytes_ > bytes_max_ && recent_.size() > 1) {
    bytes_ -= recent_.back()->bytes();
    places_.erase(recent_.back()->first());
    recent_.pop_back();
  }
}

}  // namespace daybook
