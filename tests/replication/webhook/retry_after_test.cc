// How long an endpoint asks to be left alone.
#include "replication/webhook/retry_after.h"

#include <gtest/gtest.h>

#include "storage/base/limits.h"

namespace daybook::webhook {
namespace {

using std::chrono::seconds;

constexpr Timestamp kNow{784'111'747'000'000};  // Sun, 06 Nov 1994 08:49:07 GMT

TEST(RetryAfter, IsSeconds) {
  EXPECT_EQ(seconds(0), retry_after("0", kNow));
  EXPECT_EQ(seconds(120), retry_after("120", kNow));
}

TEST(RetryAfter, IsADateInAnyOfHttpsForms) {
  EXPECT_EQ(seconds(30), retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kNow));
  EXPECT_EQ(seconds(30), retry_after("Sunday, 06-Nov-94 08:49:37 GMT", kNow));
  EXPECT_EQ(seconds(30), retry_after("Sun Nov  6 08:49:37 1994", kNow));
  EXPECT_EQ(seconds(0), retry_after("Sun, 06 Nov 1994 08:48:37 GMT", kNow));
}

TEST(RetryAfter, IsBounded) {
  const seconds longest = limits::delay_max;
  EXPECT_EQ(longest, retry_after("999999999", kNow));
  EXPECT_EQ(longest, retry_after("99999999999999999999999999", kNow));
  EXPECT_EQ(longest, retry_after("Fri, 31 Dec 9999 23:59:59 GMT", kNow));
}

TEST(RetryAfter, OtherTextsSayNothing) {
  for (const char* text : {"", "soon", "-1", "1.5", "1 s", "06 Nov 1994", "Sun, 06 Nov 1994"})
    EXPECT_EQ(std::nullopt, retry_after(text, kNow)) << text;
}

}  // namespace
}  // namespace daybook::webhook
