#include "replication/redis/previous_offsets.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/replication/memory_feed.h"
#include "tests/replication/run.h"

namespace daybook::redis {
namespace {

using daybook::test::run;
using daybook::testing::MemoryFeed;
using daybook::testing::MemoryLog;

class PreviousOffsetsTest : public ::testing::Test {
 protected:
  std::uint64_t before(PreviousOffsets& previous, const std::string& name, Offset offset) {
    const ChannelTemplate channel = *ChannelTemplate::parse(name);
    const EventView event = log_.at(offset).view();
    const std::string text = channel.of(event);
    return run(io_, previous.replace(feed_, channel, text, event))->value;
  }

  boost::asio::io_context io_{1};
  MemoryLog log_;
  MemoryFeed feed_{io_.get_executor(), log_};
};

TEST_F(PreviousOffsetsTest, AreRememberedAndLookedUpOnceTheyAreForgotten) {
  for (const char* id : {"a", "b", "a", "c", "d", "b", "a", "a"}) log_.add({.aggregate_id = id});
  const std::vector<std::uint64_t> expected{0, 0, 1, 0, 0, 2, 3, 7};
  for (const std::size_t channels_max : {1, 2, 3, 100}) {
    PreviousOffsets previous(channels_max);
    for (std::uint64_t offset = 1; offset <= 8; ++offset)
      EXPECT_EQ(expected[offset - 1], before(previous, "{aggregate_id}", Offset{offset}))
          << offset << " with room for " << channels_max;
  }
}

TEST_F(PreviousOffsetsTest, AreForgottenBeforeEventsComeAgain) {
  for (int i = 0; i < 3; ++i) log_.add({});
  PreviousOffsets previous;
  EXPECT_EQ(1U, before(previous, "all", Offset{2}));
  EXPECT_EQ(2U, before(previous, "all", Offset{3}));
  previous.forget();
  EXPECT_EQ(1U, before(previous, "all", Offset{2}));
}

TEST_F(PreviousOffsetsTest, ATypeThatReadsLikeAPatternIsTakenByItsName) {
  for (const char* type : {"a.*", "a.b", "a.c", "a.*"}) log_.add({.event_type = type});
  PreviousOffsets previous;
  EXPECT_EQ(1U, before(previous, "{event_type}", Offset{4}));
}

}  // namespace
}  // namespace daybook::redis
