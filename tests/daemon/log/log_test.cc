// Where log lines go: levels, files, reopening.
#include "daemon/log/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace daybook::log {
namespace {

namespace fs = std::filesystem;

class LogTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(dir_); }
  void TearDown() override {
    ASSERT_TRUE(open(Options{}));
    fs::remove_all(dir_);
  }

  std::string path(const char* name) const { return (dir_ / name).string(); }
  std::vector<std::string> lines_of(const char* name) const {
    std::ifstream in(path(name));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  const fs::path dir_ = fs::temp_directory_path() / ("daybook_log_" + std::to_string(getpid()));
};

TEST_F(LogTest, LinesBelowTheLevelAreNotWritten) {
  ASSERT_TRUE(open({.level = Level::warning, .file = path("log")}));
  info("quiet");
  warning("loud", {{"n", 1}});
  EXPECT_FALSE(writes(Level::info));
  EXPECT_TRUE(writes(Level::error));
  ASSERT_EQ(1u, lines_of("log").size());
  EXPECT_TRUE(lines_of("log")[0].ends_with(" warning loud n=1"));
}

TEST_F(LogTest, FormatIsChosen) {
  ASSERT_TRUE(open({.format = Format::json, .file = path("log")}));
  error("disk_full", {{"free", 7}});
  ASSERT_EQ(1u, lines_of("log").size());
  EXPECT_TRUE(lines_of("log")[0].ends_with(R"("level":"error","event":"disk_full","free":7})"));
}

TEST_F(LogTest, BracesInALineAreNotAFormat) {
  ASSERT_TRUE(open({.file = path("log")}));
  info("seen", {{"payload", "{}{0}"}});
  EXPECT_TRUE(lines_of("log").at(0).ends_with("payload={}{0}"));
}

TEST_F(LogTest, AMovedFileIsOpenedAnew) {
  const Options options{.file = path("log")};
  ASSERT_TRUE(open(options));
  info("first");
  fs::rename(path("log"), path("log.1"));
  info("second");  // still into the moved file
  ASSERT_TRUE(open(options));
  info("third");
  EXPECT_EQ(2u, lines_of("log.1").size());
  EXPECT_EQ(1u, lines_of("log").size());
}

TEST_F(LogTest, AFileThatCannotBeOpenedChangesNothing) {
  ASSERT_TRUE(open({.file = path("log")}));
  std::ofstream(path("plain")) << "x";
  const auto failed = open({.level = Level::error, .file = path("plain") + "/log"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(Errc::io_failed, failed.error().code);
  info("still_here");
  EXPECT_EQ(1u, lines_of("log").size());
}

}  // namespace
}  // namespace daybook::log
