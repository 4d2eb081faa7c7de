#include "replication/redis/channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/replication/memory_feed.h"

namespace daybook::redis {
namespace {

using daybook::testing::LoggedEvent;
using ::testing::HasSubstr;

TEST(ChannelTemplate, PutsMembersIntoNames) {
  const LoggedEvent event{
      .event_type = "agent.created", .aggregate_type = "agent", .aggregate_id = "a-7"};
  const auto name = [&](const std::string& text) {
    return ChannelTemplate::parse(text)->of(event.view());
  };
  EXPECT_EQ("events:agent", name("events:{aggregate_type}"));
  EXPECT_EQ("all", name("all"));
  EXPECT_EQ("agent/a-7/agent.created!", name("{aggregate_type}/{aggregate_id}/{event_type}!"));
  EXPECT_EQ("a-7a-7", name("{aggregate_id}{aggregate_id}"));
  EXPECT_EQ("x{event_type}", ChannelTemplate::parse("x{event_type}")->text());
}

TEST(ChannelTemplate, AsksForTheEventsOfTheSameChannel) {
  const LoggedEvent event{
      .event_type = "agent.created", .aggregate_type = "agent", .aggregate_id = "a-7"};
  const auto filter = [&](const std::string& text) {
    return ChannelTemplate::parse(text)->same_channel(event.view());
  };
  EXPECT_TRUE(filter("all").asks_nothing());
  EXPECT_EQ(Filter{.aggregate_type = "agent"}, filter("events:{aggregate_type}"));
  const Filter both{.aggregate_id = "a-7", .event_types = {"agent.created"}};
  EXPECT_EQ(both, filter("{aggregate_id}:{event_type}"));
}

TEST(ChannelTemplate, RefusesWhatItDoesNotKnow) {
  for (const std::string text : {"", "{", "}", "a{id}", "a{}", "{aggregate_type", "a}b",
                                 "{aggregate_type}}", "{{aggregate_type}}"}) {
    const auto made = ChannelTemplate::parse(text);
    ASSERT_FALSE(made) << text;
    EXPECT_EQ(Errc::bad_value, made.error().code);
    EXPECT_THAT(made.error().detail, HasSubstr('"' + text + '"'));
  }
}

TEST(ChannelTemplate, KnowsWhichPatternsItMayMatch) {
  const auto may = [](const std::string& text, const std::string& pattern) {
    return ChannelTemplate::parse(text)->may_match(pattern);
  };
  EXPECT_TRUE(may("events:{aggregate_type}", "events:*"));
  EXPECT_TRUE(may("events:{aggregate_type}", "*"));
  EXPECT_TRUE(may("events:{aggregate_type}", "events:agent"));
  EXPECT_TRUE(may("events:{aggregate_type}", "*:agent"));
  EXPECT_TRUE(may("events:{aggregate_type}", "event?:[ab]gent"));
  EXPECT_TRUE(may("{aggregate_type}:out", "*:out"));
  EXPECT_TRUE(may("l01:events", "l01:event[a-z]"));
  EXPECT_TRUE(may("a*b", "a\\*b"));
  EXPECT_FALSE(may("events:{aggregate_type}", "event:*"));
  EXPECT_FALSE(may("events:{aggregate_type}", "events"));
  EXPECT_FALSE(may("{aggregate_type}:out", "*:in"));
  EXPECT_FALSE(may("l01:events", "l01:events?"));
  EXPECT_FALSE(may("l01:events", "l02:*"));
  EXPECT_FALSE(may("axb", "a\\*b"));
}

}  // namespace
}  // namespace daybook::redis
