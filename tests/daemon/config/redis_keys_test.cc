// What the keys of [redis] accept, and what they say of each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config/config.h"

namespace daybook::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal_of(const std::string& keys, const std::string& url = "redis://db") {
  const auto loaded = load_text("[redis]\nurl = '" + url + "'\n" + keys, "f");
  return loaded ? "(accepted)" : loaded.error().detail;
}

TEST(RedisKeys, AreRead) {
  const auto config = load_text(
      "[redis]\nurl = 'redis://db'\nlegacy_channel = 'l01:events'\nenvelope = true\n"
      "channels = ['all', 'of:{event_type}']\nstart = 'now'\nstream = 'log:{aggregate_type}'\n"
      "stream_length_max = 5\nstream_age_max_seconds = 6\nca_file = 'c'\ningest = ['old:*']\n",
      "f");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ("l01:events", config->redis.legacy_channel);
  EXPECT_TRUE(config->redis.envelope);
  EXPECT_THAT(config->redis.channels, ElementsAre("all", "of:{event_type}"));
  EXPECT_EQ(Redis::Start::now, config->redis.start);
  EXPECT_EQ("log:{aggregate_type}", config->redis.stream);
  EXPECT_EQ(5u, config->redis.stream_length_max);
  EXPECT_EQ(6u, config->redis.stream_age_max_seconds);
  EXPECT_EQ("c", config->redis.ca_file);
  EXPECT_THAT(config->redis.ingest, ElementsAre("old:*"));
}

TEST(RedisKeys, NeedAServer) {
  for (const char* key :
       {"legacy_channel = 'a'", "channels = ['a']", "stream = 'a'", "ingest = ['a']"}) {
    EXPECT_EQ("(accepted)", refusal_of(key));
    EXPECT_THAT(refusal_of(key, ""), HasSubstr("is set, but redis.url is empty")) << key;
  }
}

TEST(RedisKeys, NamesAreChecked) {
  EXPECT_THAT(refusal_of("legacy_channel = 'a:{event_type}'"), HasSubstr("no template"));
  EXPECT_THAT(refusal_of("channels = ['']"), HasSubstr("empty"));
  EXPECT_THAT(refusal_of("channels = ['a', 'of:{payload}']"), HasSubstr("\"of:{payload}\""));
  EXPECT_THAT(refusal_of("stream = 'of:{event_type'"), HasSubstr("in braces"));
  EXPECT_THAT(refusal_of("ingest = ['']"), HasSubstr("empty"));
  EXPECT_THAT(refusal_of("stream = '" + std::string(256, 'a') + "'"), HasSubstr("255"));
}

TEST(RedisKeys, NoChannelHasAnEventTwice) {
  const std::string legacy = "legacy_channel = 'l01:events'\n";
  for (const char* channels :
       {"['all', 'b', 'all']", "['events:{aggregate_type}']", "['l01:events']"})
    EXPECT_THAT(refusal_of(legacy + "channels = " + channels),
                HasSubstr("on which every event is published already"))
        << channels;
  EXPECT_EQ("(accepted)", refusal_of(legacy + "channels = ['all', 'events:{event_type}']"));
}

TEST(RedisKeys, WhatIsPublishedIsNotIngested) {
  const std::string all =
      "legacy_channel = 'l01:events'\nchannels = ['all', 'of:{event_type}']\nstream = 's'\n";
  for (const char* pattern :
       {"*", "events:*", "events:agent", "?vents:*", "*agent", "l01:*", "l01:events", "all",
        "a[kl]l", "of:agent.created", "__keyspace@0__:*", "__key*", "__keyevent@0__:xadd"})
    EXPECT_THAT(refusal_of(all + "ingest = ['old', '" + pattern + "']"),
                HasSubstr("redis.ingest has \"" + std::string(pattern) + "\", which could match"))
        << pattern;
  EXPECT_EQ("(accepted)", refusal_of(all + "ingest = ['old:*', 'l01:old', 'event', 'all?', 'of']"));
  EXPECT_EQ("(accepted)", refusal_of("ingest = ['l01:events', 'all', '__keyspace@0__:*']"));
}

TEST(RedisKeys, TheUrlIsReadByWhoConnects) {
  EXPECT_EQ("(accepted)", refusal_of("", "rediss://me:secret@[::1]:6380/3"));
  EXPECT_THAT(refusal_of("", "redis://db:0"), HasSubstr("the port is no number from 1"));
  EXPECT_THAT(refusal_of("", "redis://db/x"), HasSubstr("the database is no number"));
}

}  // namespace
}  // namespace daybook::config
