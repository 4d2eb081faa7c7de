// `daybook verify` on a real, empty log: whole, damaged, repaired.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "daemon/ctl/ctl.h"
#include "storage/store.h"

namespace daybook::ctl {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class VerifyTest : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(dir_); }

  void make_log() const {
    fs::create_directories(dir_);
    Store::Options options;
    options.data_dir = dir_;
    ASSERT_TRUE(Store::open(std::move(options)));
  }
  Exit run_verify(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "verify");
    arguments.push_back(dir_);
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const Exit exit = run(std::move(arguments), {.in = in, .out = out, .err = err}, "9.9");
    printed_ = out.str() + err.str();
    return exit;
  }

  const fs::path dir_ = fs::temp_directory_path() / ("daybook_verify_" + std::to_string(getpid()));
  std::string printed_;
};

TEST_F(VerifyTest, AWholeLogIsRight) {
  make_log();
  EXPECT_EQ(Exit::ok, run_verify({"--json"})) << printed_;
  EXPECT_THAT(printed_, HasSubstr("\"head\":0,"));
  EXPECT_THAT(printed_, HasSubstr("\"damages\":[]}"));
}

TEST_F(VerifyTest, ALostHeadMarkIsDamageUntilItIsRepaired) {
  make_log();
  fs::remove(dir_ / "head");
  EXPECT_EQ(Exit::damaged, run_verify({}));
  EXPECT_THAT(printed_, HasSubstr("\ndamage: "));
  EXPECT_EQ(Exit::ok, run_verify({"--repair-head"})) << printed_;
  EXPECT_EQ(Exit::ok, run_verify({})) << printed_;
}

TEST_F(VerifyTest, WhatIsNoLogIsWrongUsage) {
  EXPECT_EQ(Exit::usage, run_verify({}));
  EXPECT_NE("", printed_);
}

}  // namespace
}  // namespace daybook::ctl
