// What a configuration shows of itself, and what SIGHUP may change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config/keys.h"

namespace daybook::config {
namespace {

using testing::UnorderedElementsAre;

TEST(ToToml, ReadsBackAsItself) {
  Config config;
  config.storage.data_dir = "/tmp/a \"b\"\\\n\x01";
  config.storage.reserve_bytes = (1 << 20) + 1;
  config.server.allowed_origins = {"http://a", "http://b"};
  config.platform.order = Order::descending;
  config.postgres.page_events = 7;
  config.redis.url = "redis://db:6380/2";
  config.redis.legacy_channel = "l01:events";
  config.redis.envelope = true;
  config.redis.channels = {"all", "of:{event_type}"};
  config.redis.start = Redis::Start::now;
  config.redis.stream = "log:{aggregate_type}";
  config.redis.stream_length_max = 1'000'000;
  config.redis.stream_age_max_seconds = 86'400;
  config.redis.ca_file = "/etc/ca.pem";
  config.redis.ingest = {"producers:*"};
  config.log = {.level = log::Level::debug, .format = log::Format::json, .file = "x"};
  const auto again = load_text(to_toml(config), "again");
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(config.storage, again->storage);
  EXPECT_EQ(config.server, again->server);
  EXPECT_EQ(config.platform, again->platform);
  EXPECT_EQ(config.log, again->log);
  EXPECT_EQ(config.postgres, again->postgres);
  EXPECT_EQ(config.redis, again->redis);
}

TEST(Reload, ChangesWhatMayChangeAndNamesTheRest) {
  Config running;
  Config fresh;
  fresh.log.level = log::Level::debug;
  fresh.limits.tags_max = 5;
  fresh.server.allowed_origins = {"http://a"};
  fresh.platform = {.order = Order::descending, .lenient = true};
  fresh.storage.data_dir = "/elsewhere";
  fresh.server.listen = {"127.0.0.1:1"};
  const Reload reloaded = reload(running, fresh);
  EXPECT_THAT(reloaded.changed,
              UnorderedElementsAre("log.level", "limits.tags_max", "server.allowed_origins",
                                   "platform.order", "platform.lenient"));
  EXPECT_THAT(reloaded.needs_restart, UnorderedElementsAre("storage.data_dir", "server.listen"));
  EXPECT_EQ(fresh.log.level, reloaded.config.log.level);
  EXPECT_EQ(5u, reloaded.config.limits.tags_max);
  EXPECT_EQ(fresh.platform, reloaded.config.platform);
  EXPECT_EQ(running.storage, reloaded.config.storage);
  EXPECT_EQ(running.server.listen, reloaded.config.server.listen);
}

TEST(Reload, APasswordChangesAndABridgeWaits) {
  Config running;
  running.postgres.url = "postgresql://me:old@db/events";
  running.redis.url = "redis://db";
  Config fresh = running;
  fresh.postgres.url = "postgresql://me:new@db/events";
  fresh.redis.url = "";
  const Reload reloaded = reload(running, fresh);
  EXPECT_THAT(reloaded.changed, UnorderedElementsAre("postgres.url"));
  EXPECT_THAT(reloaded.needs_restart, UnorderedElementsAre("redis.url"));
  EXPECT_EQ(fresh.postgres.url, reloaded.config.postgres.url);
  EXPECT_EQ(running.redis.url, reloaded.config.redis.url);
}

TEST(Reload, TheSameConfigurationChangesNothing) {
  const Reload reloaded = reload(Config{}, Config{});
  EXPECT_TRUE(reloaded.changed.empty());
  EXPECT_TRUE(reloaded.needs_restart.empty());
}

TEST(Keys, NearestIsByFewestEdits) {
  EXPECT_EQ("server.listen", nearest_key("server.lisen").name);
  EXPECT_EQ("storage.data_dir", nearest_key("storage.datadir").name);
  EXPECT_EQ("DAYBOOK_STORAGE_DATA_DIR", find_key("storage.data_dir")->variable());
  EXPECT_EQ(nullptr, find_key("storage"));
}

}  // namespace
}  // namespace daybook::config
