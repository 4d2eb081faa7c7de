// Sources of the configuration, their precedence, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "daemon/config/config.h"

namespace daybook::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal_of(const Sources& sources) {
  const auto loaded = load(sources);
  return loaded ? "(accepted)" : loaded.error().detail;
}
std::string refusal_of(std::string_view toml) {
  const auto loaded = load_text(toml, "daybook.toml");
  return loaded ? "(accepted)" : loaded.error().detail;
}
Sources environment(std::string name, std::string text) {
  return {.file = {}, .environment = {{std::move(name), std::move(text)}}, .assignments = {}};
}
Sources setting(std::string key, std::string text) {
  return {.file = {},
          .environment = {},
          .assignments = {{std::move(key), Plain{std::move(text)}, "--set"}}};
}

class ConfigFile {
 public:
  explicit ConfigFile(std::string_view text) { std::ofstream(path_) << text; }
  ~ConfigFile() { std::filesystem::remove(path_); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = std::filesystem::temp_directory_path() /
                      ("daybook_config_" + std::to_string(getpid()) + ".toml");
};

TEST(Load, NothingSetGivesTheDefaults) {
  const auto config = load({});
  ASSERT_TRUE(config);
  EXPECT_THAT(config->server.listen, ElementsAre("127.0.0.1:8011"));
  EXPECT_EQ(std::size_t{512} << 20, config->storage.reserve_bytes);
  EXPECT_EQ(Limits{}.body_bytes_max, config->limits.body_bytes_max);
}

TEST(Load, EachSourceGoesOverTheOneBefore) {
  const ConfigFile file("[limits]\ntags_max = 1\njson_depth_max = 1\npage_events_max = 1\n");
  Sources sources;
  sources.file = file.path();
  sources.environment = {{"DAYBOOK_LIMITS_JSON_DEPTH_MAX", "2"},
                         {"DAYBOOK_LIMITS_PAGE_EVENTS_MAX", "2"}};
  sources.assignments = {{"limits.page_events_max", Plain{"3"}, "--set"}};
  const auto config = load(sources);
  ASSERT_TRUE(config);
  EXPECT_EQ(1u, config->limits.tags_max);
  EXPECT_EQ(2u, config->limits.json_depth_max);
  EXPECT_EQ(3u, config->limits.page_events_max);
}

TEST(Load, ALaterFlagWins) {
  Sources sources = setting("log.level", "debug");
  sources.assignments.push_back({"log.level", Plain{"error"}, "--set"});
  const auto config = load(sources);
  ASSERT_TRUE(config);
  EXPECT_EQ(log::Level::error, config->log.level);
}

TEST(Load, PlainTextIsReadAsTheKeyWantsIt) {
  Sources sources;
  sources.environment = {{"DAYBOOK_SERVER_LISTEN", "127.0.0.1:1, [::1]:2"},
                         {"DAYBOOK_SERVER_ALLOWED_ORIGINS", ""},
                         {"DAYBOOK_PLATFORM_LENIENT", "true"},
                         {"DAYBOOK_PLATFORM_ORDER", "desc"},
                         {"DAYBOOK_STORAGE_CACHE_BYTES", "64MiB"}};
  const auto config = load(sources);
  ASSERT_TRUE(config);
  EXPECT_THAT(config->server.listen, ElementsAre("127.0.0.1:1", "[::1]:2"));
  EXPECT_TRUE(config->server.allowed_origins.empty());
  EXPECT_TRUE(config->platform.lenient);
  EXPECT_EQ(Order::descending, config->platform.order);
  EXPECT_EQ(std::size_t{64} << 20, config->storage.cache_bytes);
}

TEST(Load, BytesAreNumbersOrTextWithAUnit) {
  const auto config = load_text(
      "[storage]\nreserve_bytes = 1048576\nwindow_bytes = \"1 GiB\"\ncache_bytes = \"2048 KiB\"\n",
      "f");
  ASSERT_TRUE(config);
  EXPECT_EQ(std::size_t{1} << 20, config->storage.reserve_bytes);
  EXPECT_EQ(std::size_t{1} << 30, config->storage.window_bytes);
  EXPECT_EQ(std::size_t{2} << 20, config->storage.cache_bytes);
}

TEST(Load, AnUnknownKeyNamesPlaceAndNearestKey) {
  EXPECT_EQ("daybook.toml:3: unknown key server.lissten; did you mean server.listen?",
            refusal_of("[server]\n\nlissten = []\n"));
  EXPECT_THAT(refusal_of("[sever]\nallow_remote = true\n"), HasSubstr("server.allow_remote?"));
  EXPECT_THAT(refusal_of("[limits.deep]\ntags_max = 1\n"), HasSubstr("unknown key limits.deep"));
  EXPECT_THAT(refusal_of("level = 'info'\n"),
              HasSubstr("unknown key level; did you mean log.level"));
  EXPECT_EQ("--set: unknown key log.levl; did you mean log.level?",
            refusal_of(setting("log.levl", "info")));
  EXPECT_EQ("environment: unknown key DAYBOOK_LOG_LEVLE; did you mean DAYBOOK_LOG_LEVEL?",
            refusal_of(environment("DAYBOOK_LOG_LEVLE", "info")));
  EXPECT_THAT(refusal_of(environment("DAYBOOK_SEVER_LISTEN", "")),
              HasSubstr("DAYBOOK_SERVER_LISTEN?"));
}

TEST(Load, VariablesOfOtherProgramsAreLeftAlone) {
  EXPECT_TRUE(load(environment("DAYBOOK_URL", "http://127.0.0.1:1")));
  EXPECT_TRUE(load(environment("DAYBOOK_SEED", "7")));
  EXPECT_TRUE(load(environment("SERVER_LISTEN", "x")));
}

TEST(Load, ABadValueNamesKeyWhatItGotAndTheBound) {
  EXPECT_EQ("daybook.toml:2: limits.tags_max is 256; it must be 0 to 255",
            refusal_of("[limits]\ntags_max = 256\n"));
  EXPECT_EQ("daybook.toml:2: limits.tags_max is -1; it must be 0 to 255",
            refusal_of("[limits]\ntags_max = -1\n"));
  EXPECT_EQ("daybook.toml:2: server.allow_remote is \"true\"; it must be true or false",
            refusal_of("[server]\nallow_remote = 'true'\n"));
  EXPECT_EQ("DAYBOOK_LOG_LEVEL: log.level is \"loud\"; it must be debug, info, warning or error",
            refusal_of(environment("DAYBOOK_LOG_LEVEL", "loud")));
  EXPECT_EQ("--set: storage.cache_bytes is \"1 KiB\"; it must be 1 MiB to 1024 GiB",
            refusal_of(setting("storage.cache_bytes", "1 KiB")));
  EXPECT_EQ("daybook.toml:2: storage.data_dir is \"\", but it is empty; it must be not empty",
            refusal_of("[storage]\ndata_dir = ''\n"));
  EXPECT_THAT(refusal_of("[server]\nlisten = 'x'\n"), HasSubstr("server.listen is \"x\"; it must"));
  EXPECT_THAT(refusal_of("[server]\nlisten = [1]\n"), HasSubstr("an array that holds an integer"));
  EXPECT_THAT(refusal_of("[server]\nlisten = []\n"), HasSubstr("server.listen is []; it must"));
  EXPECT_THAT(refusal_of("[log]\nlevel = 2020-01-01\n"), HasSubstr("log.level is a date"));
}

TEST(Load, BytesThatOverflowAreRefused) {
  EXPECT_THAT(refusal_of(setting("storage.cache_bytes", "99999999999999 GiB")),
              HasSubstr("must be"));
  EXPECT_THAT(refusal_of(setting("limits.tags_max", "99999999999999999999")), HasSubstr("must be"));
  EXPECT_THAT(refusal_of(setting("limits.tags_max", "1x")), HasSubstr("must be"));
  EXPECT_THAT(refusal_of(setting("limits.tags_max", "")), HasSubstr("must be"));
}

TEST(Load, TextThatIsNotTomlNamesTheLine) {
  EXPECT_THAT(refusal_of("[server]\nlisten = [\n\n"), HasSubstr("daybook.toml:"));
  EXPECT_THAT(refusal_of("[server]\nallow_remote = true\nallow_remote = true\n"),
              HasSubstr("daybook.toml:3: "));
}

TEST(Load, AFileThatIsNotThereIsAnError) {
  Sources sources;
  sources.file = "/nonexistent/daybook.toml";
  EXPECT_THAT(refusal_of(sources), HasSubstr("/nonexistent/daybook.toml cannot be read"));
}

TEST(Load, OtherMachinesAreLetInOnlyOnPurpose) {
  for (const char* address : {"0.0.0.0:8011", "192.168.1.5:8011", "[::]:8011", "[fe80::1]:1"}) {
    EXPECT_THAT(refusal_of(setting("server.listen", address)), HasSubstr("server.allow_remote"));
    Sources allowed = setting("server.listen", address);
    allowed.assignments.push_back({"server.allow_remote", Plain{"true"}, "--set"});
    EXPECT_TRUE(load(allowed)) << address;
  }
  for (const char* address : {"127.0.0.1:0", "127.9.9.9:65535", "[::1]:8011", "localhost:80"})
    EXPECT_TRUE(load(setting("server.listen", address))) << address;
}

TEST(Load, WhatIsNoAddressIsRefused) {
  for (const char* text : {"8011", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "example.com:80", "::1:80", "[::1]", "[127.0.0.1]:80", ":80", "[]:80"})
    EXPECT_THAT(refusal_of(setting("server.listen", text)), HasSubstr("server.listen is")) << text;
}

TEST(Load, WhatIsNoOriginIsRefused) {
  EXPECT_TRUE(load(setting("server.allowed_origins", "http://localhost:3000,https://a.example")));
  for (const char* text : {"*", "null", "localhost:3000", "http://", "http://a/", "http://A"})
    EXPECT_THAT(refusal_of(setting("server.allowed_origins", text)), HasSubstr("not an origin"));
}

TEST(Load, ChecksWhereDeliveriesMayBePushedTo) {
  const auto config = load_text(
      "[webhook]\nallow = [\"*.example.org:443\", \"10.1.0.0/16\"]\nsource = \"urn:a\"\n", "x");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_THAT(config->webhook.allow, ElementsAre("*.example.org:443", "10.1.0.0/16"));
  EXPECT_EQ("urn:a", config->webhook.source);
  EXPECT_THAT(refusal_of(setting("webhook.allow", "10.0.0.1/8")), HasSubstr("10.0.0.1/8"));
  EXPECT_THAT(refusal_of(setting("webhook.source", "a b")), HasSubstr("not a URI"));
}

TEST(Load, AnEventMustFitIntoABody) {
  EXPECT_THAT(refusal_of(setting("limits.body_bytes_max", "2 KiB")),
              HasSubstr("limits.event_bytes_max is 1048576; it must be at most"));
}

}  // namespace
}  // namespace daybook::config
