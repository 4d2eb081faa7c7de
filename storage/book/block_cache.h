// Blocks that were read from the disk and checked, the least recently used ones leaving first.
// Safe to call from any thread.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "storage/book/block.h"

namespace daybook {

class BlockCache {
 public:
  explicit BlockCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  std::shared_ptr<const Block> find(Offset offset);  // nullptr: not here
  void add(std::shared_ptr<const Block> block);

 private:
  using Recent = std::list<std::shared_ptr<const Block>>;

  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;
  Recent recent_;                              // the latest first
  std::map<Offset, Recent::iterator> places_;  // by first offset
};

}  // namespace daybook
