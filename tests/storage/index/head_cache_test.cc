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
  HeadCache cache(20, 7);
  cache.put("used", Sequence{1});
  cache.put("unused", Sequence{1});
  for (int i = 0; i < 100; ++i) {
    cache.put("name-" + std::to_string(i), Sequence{2});
    EXPECT_EQ(Sequence{1}, cache.find("used"));
  }
  EXPECT_EQ(std::nullopt, cache.find("unused"));
  EXPECT_EQ(Sequence{2}, cache.find("name-99"));
}

TEST(HeadCache, ANewerHeadIsNeverHiddenByAnOldOne) {
  HeadCache cache(8, 7);
  for (std::uint64_t head = 1; head < 200; ++head) {
    cache.put("a", Sequence{head});
    cache.put("other-" + std::to_string(head), Sequence{1});
    EXPECT_EQ(Sequence{head}, cache.find("a"));
  }
}

TEST(HeadCache, WhatWasLookedUpInAnOlderIndexIsNotRemembered) {
  HeadCache cache(100, 7);
  cache.advance(Offset{10});
  cache.remember("a", Sequence{3}, Offset{10});
  EXPECT_EQ(Sequence{3}, cache.find("a"));
  cache.advance(Offset{20});
  cache.remember("b", Sequence{3}, Offset{10});
  EXPECT_EQ(std::nullopt, cache.find("b"));
}

}  // namespace
}  // namespace daybook
