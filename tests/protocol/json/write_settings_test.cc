// Filters and settings as they are shown can be sent again.
#include "protocol/json/write_settings.h"

#include <gtest/gtest.h>

#include "protocol/json/read_group.h"

namespace daybook::json {
namespace {

std::string written(const GroupSettings& settings) {
  std::string out;
  append_group_settings(out, settings);
  return out;
}

std::string written(const Filter& filter) {
  std::string out;
  append_filter(out, filter);
  return out;
}

TEST(WriteFilter, ShowsWhatItAsks) {
  EXPECT_EQ("{}", written(Filter{}));
  Filter filter;
  filter.tags = {"a", "\"b\""};
  EXPECT_EQ(R"({"tags":["a","\"b\""]})", written(filter));
  filter = {"agent", "a-1", {"x.*", "y"}, {"t"}, "c1", "c2", {{{"z"}, {"u"}}, {}}};
  EXPECT_EQ(R"({"aggregate_type":"agent","aggregate_id":"a-1","event_types":["x.*","y"],)"
            R"("tags":["t"],"correlation_id":"c1","causation_id":"c2",)"
            R"("items":[{"event_types":["z"],"tags":["u"]},{}]})",
            written(filter));
}

TEST(WriteSettings, AreReadAgainAsTheyWere) {
  GroupSettings settings;
  EXPECT_EQ(settings, *read_group_settings(written(settings), Limits{}));
  settings.mode = GroupMode::queue;
  EXPECT_EQ(settings, *read_group_settings(written(settings), Limits{}));
  settings.start = Timestamp{1'769'248'800'123'456};
  settings.filter.items = {{{"z"}, {}}};
  settings.member_timeout_ms = 1000;
  settings.queue = {GroupOrder::none, 100, 7, {0, 5}, 3, 4, false, 9, 1.0 / 3, std::nullopt};
  settings.queue.push = PushTarget{"http://h/\"x\"", "", 200, 2};
  EXPECT_EQ(settings, *read_group_settings(written(settings), Limits{}));
  for (const GroupStart start : {GroupStart(FromHead{}), GroupStart(Offset{7})}) {
    settings.start = start;
    EXPECT_EQ(settings, *read_group_settings(written(settings), Limits{}));
  }
}

TEST(WriteSettings, ShowAllButTheSecret) {
  GroupSettings settings;
  EXPECT_EQ(R"({"mode":"log","start":"beginning","filter":{},"member_timeout_ms":30000})",
            written(settings));
  settings.mode = GroupMode::queue;
  settings.queue.push = PushTarget{"http://h", "s3cret", 200, 2};
  EXPECT_EQ(R"({"mode":"queue","start":"beginning","filter":{},"member_timeout_ms":30000,)"
            R"("order":"aggregate","ack_timeout_ms":30000,"max_deliveries":5,)"
            R"("backoff_ms":[1000,5000,30000],"max_in_flight":1000,"max_unfinished":100000,)"
            R"("block_aggregate":false,"breaker_window":100,"breaker_ratio":0.5,)"
            R"("push":{"url":"http://h","timeout_ms":200,"parallel":2}})",
            written(settings));
}

}  // namespace
}  // namespace daybook::json
