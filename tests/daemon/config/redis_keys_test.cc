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
  EXPECT_THAT(refusal_of("ingest = ['']"), HasSubstr("empty"));
  EXPECT_THAT(refusal_of("stream = '" + std::string(256, 'a') + "'"), HasSubstr("255"));
}

}  // namespace
}  // namespace daybook::config
