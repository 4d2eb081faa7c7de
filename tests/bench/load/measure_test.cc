// What counts, and what a percentile says.
#include "bench/load/measure.h"

#include <gtest/gtest.h>

#include "bench/load/clock.h"

namespace daybook::load {
namespace {

TEST(Histogram, PercentilesAreRightWithinOnePercent) {
  Histogram histogram;
  for (std::int64_t us = 1; us <= 100'000; ++us) histogram.add(us * 1000);
  EXPECT_NEAR(50'000, histogram.percentile_us(0.5), 500);
  EXPECT_NEAR(99'000, histogram.percentile_us(0.99), 990);
  EXPECT_NEAR(99'900, histogram.percentile_us(0.999), 999);
  EXPECT_EQ(100'000, histogram.max_us());
}

TEST(Histogram, HoldsAnythingFromNothingToAnHour) {
  Histogram histogram;
  EXPECT_EQ(0, histogram.percentile_us(0.5));
  histogram.add(0);
  histogram.add(3600 * kSecondNs);
  EXPECT_EQ(0, histogram.percentile_us(0.5));
  EXPECT_NEAR(3.6e9, histogram.percentile_us(1), 3.6e7);
}

TEST(Tally, WarmUpIsCountedButNotMeasured) {
  Tally tally({.seconds = 10, .warmup_seconds = 5}, 100);
  const std::int64_t begin = tally.ends_at() - 15 * kSecondNs;
  tally.answered(begin, begin + kSecondNs, true);
  tally.answered(begin + 6 * kSecondNs, begin + 7 * kSecondNs, true);
  tally.answered(begin + 6 * kSecondNs, begin + 8 * kSecondNs, false);
  tally.answered(begin + 14 * kSecondNs, begin + 16 * kSecondNs, true);
  const Measured measured = tally.finish(begin + 16 * kSecondNs);
  EXPECT_EQ(1U, measured.requests);
  EXPECT_EQ(100U, measured.events);
  EXPECT_EQ(1U, measured.failed);
  EXPECT_EQ(4U, measured.requests_total);
  EXPECT_EQ(300U, measured.events_total);
  EXPECT_NEAR(1e6, measured.latency.percentile_us(0.5), 1e4);
  EXPECT_NEAR(2e6, measured.latency.max_us(), 1) << "an answer after the end is late, not lost";
}

TEST(Tally, WhatWasNeverAnsweredFailed) {
  Tally tally({.seconds = 1, .warmup_seconds = 0}, 1);
  tally.failed("refused");
  tally.failed("no answer", 3);
  const Measured measured = tally.finish(tally.ends_at());
  EXPECT_EQ(3U, measured.failed);
  EXPECT_EQ("refused", measured.first_failure);
}

TEST(Tally, ACountBoundsTheRun) {
  Tally tally({.seconds = 10, .events_max = 250}, 100);
  const std::int64_t begin = tally.ends_at() - 10 * kSecondNs;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(tally.may_send(begin));
    tally.sent();
  }
  EXPECT_FALSE(tally.may_send(begin));
}

TEST(Tally, NothingIsSentAfterTheEnd) {
  Tally tally({.seconds = 1, .warmup_seconds = 0}, 1);
  EXPECT_TRUE(tally.may_send(tally.ends_at() - 1));
  EXPECT_FALSE(tally.may_send(tally.ends_at()));
}

}  // namespace
}  // namespace daybook::load
