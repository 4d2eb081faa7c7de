#include "replication/follower/backoff.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

using std::chrono::milliseconds;

constexpr BackoffBounds kBounds{.shortest = milliseconds(100), .longest = milliseconds(1000)};

TEST(BackoffTest, DoublesUpToTheLongest) {
  Backoff backoff(kBounds);
  for (const int due : {100, 200, 400, 800, 1000, 1000})
    EXPECT_EQ(milliseconds(due), backoff.next(0));
}

TEST(BackoffTest, TakesUpToHalfAway) {
  for (std::uint64_t random = 0; random < 1000; ++random) {
    const milliseconds pause = Backoff(kBounds).next(random);
    EXPECT_LE(milliseconds(50), pause);
    EXPECT_GE(milliseconds(100), pause);
  }
  EXPECT_EQ(milliseconds(50), Backoff(kBounds).next(50));
}

TEST(BackoffTest, BeginsAnewOnceAllIsWell) {
  Backoff backoff(kBounds);
  backoff.next(0);
  backoff.next(0);
  backoff.reset();
  EXPECT_EQ(milliseconds(100), backoff.next(0));
}

}  // namespace
}  // namespace daybook
