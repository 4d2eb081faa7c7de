// daybookd's flags.
#include "daemon/config/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace daybook::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<CommandLine> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "daybookd");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandLine, WithoutFlagsThereIsNoFile) {
  const auto line = parse({});
  ASSERT_TRUE(line);
  EXPECT_FALSE(line->sources.file);
  EXPECT_TRUE(line->sources.assignments.empty());
  EXPECT_FALSE(line->check_config || line->version || line->help);
}

TEST(CommandLine, FlagsBecomeSources) {
  auto line =
      parse({"--config", "a.toml", "--listen", "127.0.0.1:1", "--listen", "[::1]:2", "--set",
             "log.level=debug", "--set", "log.file=a=b", "--data-dir", "/d", "--check-config"});
  ASSERT_TRUE(line) << line.error().detail;
  EXPECT_EQ("a.toml", line->sources.file);
  EXPECT_TRUE(line->check_config);
  line->sources.file.reset();
  const auto config = load(line->sources);
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_THAT(config->server.listen, ElementsAre("127.0.0.1:1", "[::1]:2"));
  EXPECT_EQ("/d", config->storage.data_dir);
  EXPECT_EQ(log::Level::debug, config->log.level);
  EXPECT_EQ("a=b", config->log.file);
}

TEST(CommandLine, AFlagOfItsOwnGoesOverSet) {
  const auto line = parse({"--data-dir", "/flag", "--set", "storage.data_dir=/set"});
  ASSERT_TRUE(line);
  EXPECT_EQ("/flag", load(line->sources)->storage.data_dir);
}

TEST(CommandLine, HelpNamesTheFlags) {
  const auto line = parse({"--help"});
  ASSERT_TRUE(line && line->help);
  EXPECT_THAT(*line->help, HasSubstr("--check-config"));
}

TEST(CommandLine, VersionIsAFlag) {
  const auto line = parse({"--version"});
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->version);
}

TEST(CommandLine, WhatItDoesNotKnowIsRefused) {
  for (const auto& arguments : std::vector<std::vector<const char*>>{
           {"--no-such"}, {"serve"}, {"--config"}, {"--set", "log.level"}}) {
    const auto line = parse(arguments);
    ASSERT_FALSE(line) << arguments[0];
    EXPECT_EQ(Errc::bad_parameter, line.error().code);
  }
}

TEST(CommandLine, ASlipInASettingDoesNotTellThePassword) {
  for (const char* setting : {"redis.url:redis://:hunter2@db", "redis.url redis://:hunter2@db/?a=b",
                              "postgresql://me:hunter2@db/log?sslmode=require"}) {
    const auto line = parse({"--set", setting});
    ASSERT_FALSE(line) << setting;
    EXPECT_EQ("--set: write it as section.key=value", line.error().detail);
  }
}

}  // namespace
}  // namespace daybook::config
