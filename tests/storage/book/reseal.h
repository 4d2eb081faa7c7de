// Gives a block's bytes a checksum that matches, whatever they are: for tests of what lies behind
// the checksum.
#pragma once

#include <xxhash.h>

#include <cstring>
#include <string>

#include "storage/book/block_layout.h"

namespace daybook::test {

// Needs at least a header's bytes.
inline std::string reseal(std::string block) {
  const std::uint64_t of_head = XXH3_64bits(block.data(), layout::kChecksumAt);
  const std::uint64_t sum = XXH3_64bits_withSeed(block.data() + layout::kHeaderBytes,
                                                 block.size() - layout::kHeaderBytes, of_head);
  std::memcpy(block.data() + layout::kChecksumAt, &sum, sizeof sum);
  return block;
}

}  // namespace daybook::test
