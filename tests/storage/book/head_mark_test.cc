#include "storage/book/head_mark.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/storage/samples.h"

namespace daybook {
namespace {

using test::code_of;

class HeadMarkTest : public testing::Test {
 protected:
  const std::string& path() const { return path_; }
  void overwrite(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }

 private:
  test::TempDir dir_;
  const std::string path_ = dir_.path() + "/head";
};

constexpr LogId kLog = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

TEST_F(HeadMarkTest, RemembersWhereTheBookEnds) {
  {
    auto mark = HeadMark::create(path(), kLog);
    ASSERT_TRUE(mark) << mark.error().detail;
    EXPECT_EQ(BookEnd{}, (*mark)->load());
    (*mark)->store({.head = Offset{42}, .change = 99});
    EXPECT_EQ("ok", code_of((*mark)->sync()));
  }
  auto mark = HeadMark::open(path());
  ASSERT_TRUE(mark) << mark.error().detail;
  EXPECT_EQ((BookEnd{.head = Offset{42}, .change = 99}), (*mark)->load());
  EXPECT_EQ(kLog, (*mark)->log());
  EXPECT_EQ(4096u, std::filesystem::file_size(path()));
}

TEST_F(HeadMarkTest, TwoAreNeverCreatedOverEachOther) {
  ASSERT_TRUE(HeadMark::create(path(), kLog));
  EXPECT_EQ("io_failed", code_of(HeadMark::create(path(), kLog)));
}

TEST_F(HeadMarkTest, WhatAFirstStartLeftHalfMadeIsInNobodysWay) {
  std::ofstream(path() + ".new") << "half a page";
  ASSERT_TRUE(HeadMark::create(path(), kLog));
  EXPECT_FALSE(std::filesystem::exists(path() + ".new"));
}

TEST_F(HeadMarkTest, OneThatIsNotThereIsNotFound) {
  EXPECT_EQ("not_found", code_of(HeadMark::open(path())));
}

TEST_F(HeadMarkTest, WhatIsNoHeadPageIsCorrupted) {
  overwrite("");
  EXPECT_EQ("corrupted", code_of(HeadMark::open(path())));
  overwrite(std::string(4096, '\0'));
  EXPECT_EQ("corrupted", code_of(HeadMark::open(path())));
  overwrite(std::string(4097, '\0'));
  EXPECT_EQ("corrupted", code_of(HeadMark::open(path())));
}

}  // namespace
}  // namespace daybook
