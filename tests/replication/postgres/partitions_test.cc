#include "replication/postgres/partitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace daybook::postgres {
namespace {

using testing::ElementsAre;

std::vector<Month> months_of_times(std::vector<const char*> times) {
  std::vector<EventView> events;
  for (const char* time : times) events.push_back({.recorded_at = *parse_rfc3339(time)});
  return months_of(events);
}

TEST(Partitions, AMonthBeginsAtMidnightUtc) {
  EXPECT_EQ((Month{2026, 10}), month_of(*parse_rfc3339("2026-10-31T23:59:59.999999Z")));
  EXPECT_EQ((Month{2026, 11}), month_of(*parse_rfc3339("2026-11-01T00:00:00Z")));
  EXPECT_EQ((Month{1969, 12}), month_of(Timestamp{-1}));
}

TEST(Partitions, AYearHasTwelveMonths) {
  EXPECT_EQ((Month{2026, 12}), month_after({2026, 11}));
  EXPECT_EQ((Month{2027, 1}), month_after({2026, 12}));
}

TEST(Partitions, TheNextTwoMonthsAreMadeAheadOfNeed) {
  EXPECT_THAT(months_of_times({}), ElementsAre());
  EXPECT_THAT(months_of_times({"2026-11-21T10:00:00Z", "2026-11-21T10:00:01Z"}),
              ElementsAre(Month{2026, 11}, Month{2026, 12}, Month{2027, 1}));
  EXPECT_THAT(
      months_of_times({"2024-02-29T00:00:00Z", "2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z"}),
      ElementsAre(Month{2024, 2}, Month{2026, 11}, Month{2026, 12}, Month{2027, 1},
                  Month{2027, 2}));
}

}  // namespace
}  // namespace daybook::postgres
