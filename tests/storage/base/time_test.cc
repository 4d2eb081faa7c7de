// Points in time and their text.
#include "storage/base/time.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

std::string text_of(Timestamp time) {
  std::string out;
  append_rfc3339(out, time);
  return out;
}

TEST(Time, ReadsRfc3339WithAnyOffset) {
  const Timestamp expected{1'769'248'800'123'456};
  for (const std::string text :
       {"2026-01-24T10:00:00.123456Z", "2026-01-24t10:00:00.123456z", "2026-01-24 10:00:00.123456Z",
        "2026-01-24T11:30:00.123456+01:30", "2026-01-23T23:00:00.1234569-11:00",
        "2026-01-24T10:00:00.123456-00:00"})
    EXPECT_EQ(expected, parse_rfc3339(text)) << text;
  EXPECT_EQ(Timestamp{0}, parse_rfc3339("1970-01-01T00:00:00Z"));
  EXPECT_EQ(Timestamp{500'000}, parse_rfc3339("1970-01-01T00:00:00.5Z"));
  EXPECT_EQ(Timestamp{-1}, parse_rfc3339("1969-12-31T23:59:59.999999999Z"));
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const std::string text : {"",
                                 "2026",
                                 "2026-01-24",
                                 "2026-01-24T10:00:00",
                                 "2026-01-24T10:00Z",
                                 "2026-1-24T10:00:00Z",
                                 "2026-02-30T00:00:00Z",
                                 "2025-02-29T00:00:00Z",
                                 "2026-13-01T00:00:00Z",
                                 "2026-00-01T00:00:00Z",
                                 "2026-01-00T00:00:00Z",
                                 "2026-01-24T24:00:00Z",
                                 "2026-01-24T10:60:00Z",
                                 "2026-01-24T10:00:61Z",
                                 "2026-01-24T10:00:00.Z",
                                 "2026-01-24T10:00:00,5Z",
                                 "2026-01-24T10:00:00+24:00",
                                 "2026-01-24T10:00:00+0100",
                                 "2026-01-24T10:00:00+01",
                                 "2026-01-24T10:00:00Zx",
                                 "2026-01-24T10:00:00 Z",
                                 "+2026-01-24T10:00:00Z",
                                 "2026-01-24_10:00:00Z",
                                 "0000-01-01T00:00:00+00:01",
                                 "9999-12-31T23:59:59-00:01"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Time, TakesALeapSecondAsTheNextMinute) {
  EXPECT_EQ(parse_rfc3339("2017-01-01T00:00:00Z"), parse_rfc3339("2016-12-31T23:59:60Z"));
}

TEST(Time, ReadsNaiveTimesAsUtc) {
  EXPECT_EQ(Timestamp{36'000 * kSecond}, parse_naive_utc("1970-01-01T10:00:00"));
  EXPECT_EQ(Timestamp{32'400 * kSecond}, parse_naive_utc("1970-01-01T10:00:00+01:00"));
  EXPECT_EQ(Timestamp{86'400 * kSecond}, parse_naive_utc("1970-01-02"));
  EXPECT_FALSE(parse_naive_utc("1970-01-02T"));
  EXPECT_FALSE(parse_naive_utc("1970-01-32"));
}

TEST(Time, WritesTwentySevenBytesThatReadBack) {
  EXPECT_EQ("2026-01-24T10:00:00.123456Z", text_of({1'769'248'800'123'456}));
  EXPECT_EQ("1970-01-01T00:00:00.000000Z", text_of({0}));
  for (const std::string text : {"0000-01-01T00:00:00.000000Z", "1969-12-31T23:59:59.999999Z",
                                 "2024-02-29T12:34:56.000001Z", "9999-12-31T23:59:59.999999Z"})
    EXPECT_EQ(text, text_of(parse_rfc3339(text).value()));
}

TEST(Time, NowIsBetweenTheYears2020And2100) {
  EXPECT_LT(text_of({1'577'836'800 * kSecond}), text_of(now()));
  EXPECT_LT(text_of(now()), "2100");
}

}  // namespace
}  // namespace daybook
