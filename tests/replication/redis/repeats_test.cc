// Which of the copies that Redis sends for each pattern are repeats.
#include "replication/redis/repeats.h"

#include <gtest/gtest.h>

namespace daybook::redis {
namespace {

TEST(Repeats, AMessageByAnotherPatternIsOne) {
  Repeats repeats;
  EXPECT_FALSE(repeats.is_repeat("a*", "ab", "x"));
  EXPECT_TRUE(repeats.is_repeat("*b", "ab", "x"));
  EXPECT_TRUE(repeats.is_repeat("a?", "ab", "x"));
}

TEST(Repeats, TheSameMessagePublishedAgainIsNone) {
  Repeats repeats;
  EXPECT_FALSE(repeats.is_repeat("a*", "ab", "x"));
  EXPECT_TRUE(repeats.is_repeat("*b", "ab", "x"));
  EXPECT_FALSE(repeats.is_repeat("*b", "ab", "x"));
  EXPECT_TRUE(repeats.is_repeat("a*", "ab", "x"));
  EXPECT_FALSE(repeats.is_repeat("a*", "ab", "x"));
}

TEST(Repeats, AnotherChannelOrTextIsNone) {
  Repeats repeats;
  EXPECT_FALSE(repeats.is_repeat("a*", "ab", "x"));
  EXPECT_FALSE(repeats.is_repeat("*b", "cb", "x"));
  EXPECT_FALSE(repeats.is_repeat("a*", "cb", "y"));
}

TEST(Repeats, AnEmptyMessageOnAnEmptyChannelIsNoneAtFirst) {
  Repeats repeats;
  EXPECT_FALSE(repeats.is_repeat("*", "", ""));
}

}  // namespace
}  // namespace daybook::redis
