#include "storage/index/head_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace daybook {
namespace {

TEST(HeadCache, RemembersWhatItWasTold) {
  HeadCache cache(100, 7);
  EXPECT_EQ(std::nullopt, cache.find("a"));
  cache.put("a", Sequence{3});
  cache.put("b", Sequence{4});
  EXPECT_EQ(Sequence{3}, cache.find("a"));
  cache.put("a", Sequence{5});
  EXPECT_EQ(Sequence{5}, cache.find("a"));
  EXPECT_EQ(Sequence{4}, cache.find("b"));
}

TEST(HeadCache, ForgetsWhatIsLongUnusedAndKeepsItsBound) {
  HeadCache cache(320, 7);
  cache.put("used", Sequence{1});
  cache.put("unused", Sequence{1});
  for (int i = 0; i < 2000; ++i) {
    cache.put("name-" + std::to_string(i), Sequence{2});
    EXPECT_EQ(Sequence{1}, cache.find("used"));
  }
  EXPECT_EQ(std::nullopt, cache.find("unused"));
  EXPECT_EQ(Sequence{2}, cache.find("name-1999"));
}

TEST(HeadCache, ANewerHeadIsNeverHiddenByAnOldOne) {
  HeadCache cache(64, 7);
  std::size_t found = 0;
  for (std::uint64_t head = 1; head < 500; ++head) {
    cache.put("a", Sequence{head});
    for (std::uint64_t i = 0; i < head % 40; ++i) cache.put(std::to_string(i), Sequence{1});
    const auto kept = cache.find("a");
    found += kept ? 1 : 0;
    EXPECT_EQ(Sequence{head}, kept.value_or(Sequence{head}));
  }
  EXPECT_GT(found, 200u);
}

TEST(HeadCache, ALookUpIsRememberedWhereNothingIsKnown) {
  HeadCache cache(1000, 7);
  cache.remember("a", Sequence{3}, cache.epoch());
  EXPECT_EQ(Sequence{3}, cache.find("a"));
}

TEST(HeadCache, ALookUpNeverHidesWhatTheWriterPutMeanwhile) {
  HeadCache cache(1000, 7);
  const auto epoch = cache.epoch();
  cache.put("a", Sequence{4});
  cache.remember("a", Sequence{3}, epoch);
  EXPECT_EQ(Sequence{4}, cache.find("a"));
}

TEST(HeadCache, ALookUpFromBeforeHeadsWereForgottenIsNotRemembered) {
  HeadCache cache(64, 7);
  const auto epoch = cache.epoch();
  cache.put("a", Sequence{4});
  for (int i = 0; cache.epoch() == epoch; ++i) cache.put("b" + std::to_string(i), Sequence{1});
  cache.remember("c", Sequence{3}, epoch);
  EXPECT_EQ(std::nullopt, cache.find("c"));
}

}  // namespace
}  // namespace daybook
