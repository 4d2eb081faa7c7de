#include "storage/book/group_row.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/storage/samples.h"

namespace daybook {
namespace {

using test::code_of;
using test::describe;

GroupRow full_row(GroupStart start) {
  return {.settings = {.start = start,
                       .filter = {.aggregate_type = "order",
                                  .aggregate_id = "7",
                                  .event_types = {"a", "b.*"},
                                  .tags = {"red"},
                                  .correlation_id = "c",
                                  .causation_id = "d",
                                  .items = {{.event_types = {"x"}, .tags = {"y", "z"}}, {}}},
                       .member_timeout_ms = 1000},
          .committed = Offset{1} + (std::uint64_t{1} << 40),
          .generation = 300,
          .active_member = "worker",
          .revision = 2};
}

TEST(GroupRow, ComesBackWhole) {
  const std::vector<GroupStart> starts = {FromBeginning{}, FromHead{}, Offset{77}, Timestamp{-5}};
  for (const GroupStart& start : starts) {
    const GroupRow row = full_row(start);
    auto back = decode_group_row(encode(row));
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(describe(row), describe(*back));
    EXPECT_EQ(row.settings, back->settings);
  }
}

TEST(GroupRow, AQueueComesBackWhole) {
  GroupRow row = test::replay_row();
  const auto expect_back = [&row] {
    auto back = decode_group_row(encode(row));
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(row.settings, back->settings);
    EXPECT_EQ(row.replay, back->replay);
    EXPECT_EQ(describe(row), describe(*back));
  };
  expect_back();
  for (const GroupOrder order : {GroupOrder::aggregate, GroupOrder::none, GroupOrder::single}) {
    row.settings.queue.order = order;
    expect_back();
  }
  row.settings.queue.push.reset();
  row.settings.queue.backoff_ms.clear();
  row.paused = false;
  row.replay->cancelled = false;
  expect_back();
  row.replay.reset();
  row.settings.queue.block_aggregate = false;
  expect_back();
}

TEST(GroupRow, ATruncatedOneIsCorrupted) {
  for (const std::string& whole : {encode(full_row(Offset{3})), encode(test::replay_row())}) {
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_EQ("corrupted", code_of(decode_group_row(whole.substr(0, size)))) << size;
    EXPECT_EQ("corrupted", code_of(decode_group_row(whole + "x")));
  }
}

TEST(GroupRow, DamageIsAnErrorOrARow) {
  for (const std::string& whole : {encode(full_row(Offset{3})), encode(test::replay_row())})
    for (std::size_t at = 0; at < whole.size(); ++at)
      for (const char value : {'\0', '\x7f', '\xff'}) {
        std::string damaged = whole;
        damaged[at] = value;
        auto row = decode_group_row(damaged);
        if (!row) {
          EXPECT_EQ(Errc::corrupted, row.error().code);
        }
      }
}

TEST(GroupRow, NoQueueIsOlderThanQueues) {
  std::string older = encode(test::replay_row());
  older[0] = 1;
  EXPECT_EQ("corrupted", code_of(decode_group_row(older)));
}

TEST(GroupRow, AnOrderOrAFlagThatIsUnknownIsRefused) {
  GroupRow row;
  row.settings.mode = GroupMode::queue;
  const std::string whole = encode(row);
  row.paused = true;  // The flags are where that shows, and the order follows them.
  const std::string paused = encode(row);
  const auto differs = std::ranges::mismatch(whole, paused).in1;
  const auto flags = static_cast<std::size_t>(differs - whole.begin());
  std::string newer = whole;
  newer[flags] = '\x40';
  EXPECT_EQ("corrupted", code_of(decode_group_row(newer)));
  std::string other = whole;
  other[flags + 1] = 9;
  EXPECT_EQ("corrupted", code_of(decode_group_row(other)));
}

TEST(GroupRow, ANewerVersionIsRefused) {
  std::string newer = encode(GroupRow{});
  ++newer[0];
  EXPECT_EQ("corrupted", code_of(decode_group_row(newer)));
}

TEST(GroupRow, AModeOrStartThatIsUnknownIsRefused) {
  std::string mode = encode(GroupRow{});
  mode[1] = 9;
  EXPECT_EQ("corrupted", code_of(decode_group_row(mode)));
  std::string start = encode(GroupRow{});
  start[2] = 9;
  EXPECT_EQ("corrupted", code_of(decode_group_row(start)));
}

}  // namespace
}  // namespace daybook
