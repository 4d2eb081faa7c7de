#include "storage/book/block_cache.h"

#include <gtest/gtest.h>

#include "tests/storage/samples.h"

namespace daybook {
namespace {

// Ten events from `first` on.
std::shared_ptr<const Block> block_from(std::uint64_t first) {
  const test::Request request{.events = {{}}};
  const Append append = append_of(request);
  BlockBuilder builder;
  for (std::uint64_t i = 0; i < 10; ++i)
    builder.add(append, append.events[0], {.offset = Offset{first + i}, .sequence = {i + 1}});
  return Block::trust(builder.finish());
}

TEST(BlockCache, FindsByAnyOffsetOfABlock) {
  BlockCache cache(1 << 20);
  cache.add(block_from(11));
  EXPECT_EQ(nullptr, cache.find(Offset{10}));
  EXPECT_EQ(Offset{11}, cache.find(Offset{11})->first());
  EXPECT_EQ(Offset{11}, cache.find(Offset{20})->first());
  EXPECT_EQ(nullptr, cache.find(Offset{21}));
}

TEST(BlockCache, ForgetsWhatWasNotUsedLongest) {
  BlockCache cache(block_from(1)->bytes() * 2 + 10);
  cache.add(block_from(1));
  cache.add(block_from(11));
  EXPECT_NE(nullptr, cache.find(Offset{5}));
  cache.add(block_from(21));
  EXPECT_EQ(nullptr, cache.find(Offset{15}));
  EXPECT_NE(nullptr, cache.find(Offset{5}));
  EXPECT_NE(nullptr, cache.find(Offset{25}));
}

TEST(BlockCache, TheSameBlockTwiceCountsOnce) {
  BlockCache cache(block_from(1)->bytes() * 2 + 10);
  cache.add(block_from(1));
  for (int i = 0; i < 5; ++i) cache.add(block_from(11));
  EXPECT_NE(nullptr, cache.find(Offset{1}));
}

TEST(BlockCache, KeepsOneBlockHoweverLarge) {
  BlockCache cache(1);
  cache.add(block_from(1));
  EXPECT_NE(nullptr, cache.find(Offset{1}));
  cache.add(block_from(11));
  EXPECT_EQ(nullptr, cache.find(Offset{1}));
  EXPECT_NE(nullptr, cache.find(Offset{11}));
}

}  // namespace
}  // namespace daybook
