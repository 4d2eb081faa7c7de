#include "storage/engine/database.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "storage/engine/crash_file_system.h"
#include "storage/engine/keys.h"
#include "tests/storage/samples.h"

namespace daybook::engine {
namespace {

using test::code_of;

std::optional<std::pair<std::uint64_t, std::uint32_t>> one_number(std::string_view key,
                                                                  std::string_view /*value*/) {
  return std::pair(last_number(key), 1u);
}

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    options_.columns = {{.name = "plain", .range_of = one_number},
                        {.name = "lists", .number_ended = true},
                        {.name = "ids", .bloom_filter = true}};
    open();
  }
  void open() {
    database_.reset();
    auto opened = Database::open(dir_.path() + "/db", options_, true);
    ASSERT_TRUE(opened) << opened.error().detail;
    database_ = std::move(*opened);
  }
  void put(std::size_t column, const std::vector<Entry>& entries) {
    WriteSet writes = database_->new_writes();
    for (const Entry& entry : entries) writes.put(column, entry.key, entry.value);
    ASSERT_EQ("ok", code_of(database_->write(writes, true)));
  }
  static std::string list_key(std::string_view name, std::uint64_t number) {
    return Key().name(name).number(number).bytes();
  }
  static std::vector<std::string> values(Cursor& cursor) {
    std::vector<std::string> out;
    for (; cursor.valid(); cursor.next()) out.emplace_back(cursor.value());
    return out;
  }

  test::TempDir dir_;
  Options options_;
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, WhatIsWrittenIsThereAfterReopening) {
  put(0, {{"a", "1"}, {"b", "2"}});
  WriteSet writes = database_->new_writes();
  EXPECT_TRUE(writes.empty());
  writes.remove(0, "a");
  writes.put(2, "a", "other column");
  EXPECT_FALSE(writes.empty());
  ASSERT_EQ("ok", code_of(database_->write(writes, true)));
  open();
  EXPECT_EQ(std::nullopt, *database_->get(0, "a"));
  EXPECT_EQ("2", *database_->get(0, "b"));
  EXPECT_EQ("other column", *database_->get(2, "a"));
}

TEST_F(DatabaseTest, ARangeIsRemovedWithWhatTheSameWritesHadPutThere) {
  put(0, {{"a", "1"}, {"b", "2"}, {"b1", "3"}, {"c", "4"}});
  put(2, {{"b", "other column"}});
  WriteSet writes = database_->new_writes();
  writes.put(0, "b2", "5");
  writes.remove_range(0, "b", "c");
  writes.put(0, "b3", "6");
  EXPECT_FALSE(writes.empty());
  ASSERT_EQ("ok", code_of(database_->write(writes, true)));
  for (int times = 0; times < 3; ++times) {
    {
      Cursor cursor = database_->walk(0);
      cursor.seek("");
      EXPECT_EQ((std::vector<std::string>{"1", "6", "4"}), values(cursor));
    }
    EXPECT_EQ(std::nullopt, *database_->get(0, "b1"));
    EXPECT_EQ(std::nullopt, *database_->get(0, "b2"));
    EXPECT_EQ("other column", *database_->get(2, "b"));
    if (times == 1) {
      ASSERT_EQ("ok", code_of(database_->flush()));  // Once in the log, once in a file.
    }
    open();
  }
}

TEST_F(DatabaseTest, ARemovedRangeStaysRemovedWhateverAPowerCutTakes) {
  CrashFileSystem disk(dir_.path() + "/scratch");
  options_.file_system = &disk;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    database_.reset();
    std::filesystem::remove_all(dir_.path() + "/db");
    open();
    put(0, {{"a", "1"}, {"b", "2"}, {"c", "3"}});
    if (seed % 2 == 0) {
      ASSERT_EQ("ok", code_of(database_->flush()));
    }
    WriteSet removal = database_->new_writes();
    removal.remove_range(0, "b", "c");
    ASSERT_EQ("ok", code_of(database_->write(removal, true)));
    const std::uint64_t change = database_->last_change();
    WriteSet unsynced = database_->new_writes();
    unsynced.put(0, "a", "unsynced");
    ASSERT_EQ("ok", code_of(database_->write(unsynced, false)));
    disk.crash(seed);
    database_.reset();
    disk.restart();
    open();
    EXPECT_TRUE(*database_->get(0, "a"));
    EXPECT_EQ(std::nullopt, *database_->get(0, "b")) << "seed " << seed;
    EXPECT_EQ("3", *database_->get(0, "c"));
    EXPECT_LE(change, database_->last_change()) << "a removal counts as a change";
  }
  database_.reset();  // before its file system
}

TEST_F(DatabaseTest, WalksBothWaysWithinBounds) {
  put(0, {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}});
  Cursor cursor = database_->walk(0, {.lower = "b", .upper = "d"});
  cursor.seek("a");
  EXPECT_EQ((std::vector<std::string>{"2", "3"}), values(cursor));
  cursor.seek_backwards("bb");
  EXPECT_EQ("b", cursor.key());
  cursor.previous();
  EXPECT_FALSE(cursor.valid());
  EXPECT_EQ("ok", code_of(cursor.status()));
}

class PrefixTest : public DatabaseTest {
 protected:
  void check() {
    const std::string lower = list_key("ab", 0);
    const std::string upper = list_key("ab", ~std::uint64_t{0});
    Cursor cursor = database_->walk(1, {.lower = lower, .upper = upper, .one_prefix = true});
    cursor.seek(lower);
    EXPECT_EQ((std::vector<std::string>{"ab1", "ab2", "ab3", "ab4", "ab5"}), values(cursor));
    cursor.seek_backwards(list_key("ab", ~std::uint64_t{0} - 1));
    ASSERT_TRUE(cursor.valid());
    EXPECT_EQ("ab5", cursor.value());
    cursor.previous();
    EXPECT_EQ("ab4", cursor.value());
    cursor.seek_backwards(list_key("ab", 3));
    EXPECT_EQ("ab3", cursor.value());
    cursor.seek_backwards(lower);
    EXPECT_FALSE(cursor.valid());
    const std::string none = list_key("aa", 0);
    Cursor nothing = database_->walk(1, {.lower = none, .one_prefix = true});
    nothing.seek_backwards(list_key("aa", 9));
    EXPECT_FALSE(nothing.valid());
  }
};

// Over several files, each of which knows which prefixes it holds.
TEST_F(PrefixTest, OnePrefixIsWalkedToItsVeryEnds) {
  for (std::uint64_t n = 1; n <= 5; ++n) {
    const std::string number = std::to_string(n);
    ASSERT_EQ("ok",
              code_of(database_->ingest({{.column = 1,
                                          .entries = {{list_key("a", n), "a" + number},
                                                      {list_key("ab", n), "ab" + number},
                                                      {list_key(n % 2 ? "b" : "c", n), "odd"}}}})));
  }
  check();
  open();
  check();
}

TEST_F(DatabaseTest, ChunksAreAddedWholeAndCoverWhatWasThere) {
  ASSERT_EQ("ok", code_of(database_->ingest({{.column = 0, .entries = {{"a", "1"}, {"b", "2"}}},
                                             {.column = 2, .entries = {{"x", "1"}}}})));
  ASSERT_EQ("ok", code_of(database_->ingest(
                      {{.column = 0, .entries = {{"a", "3"}}}, {.column = 2, .entries = {}}})));
  open();
  EXPECT_EQ("3", *database_->get(0, "a"));
  EXPECT_EQ("2", *database_->get(0, "b"));
  EXPECT_EQ("1", *database_->get(2, "x"));
  EXPECT_GT(disk_bytes(dir_.path() + "/db"), 0u);
}

TEST_F(DatabaseTest, AChunkThatIsNotSortedIsRefused) {
  EXPECT_EQ("io_failed",
            code_of(database_->ingest({{.column = 0, .entries = {{"b", "1"}, {"a", "2"}}}})));
}

TEST_F(DatabaseTest, FilesSayWhichNumbersTheyHold) {
  put(0, {{Key().number(1).bytes(), ""}, {Key().number(2).bytes(), ""}});
  ASSERT_EQ("ok", code_of(database_->flush()));
  put(0, {{Key().number(3).bytes(), ""}, {Key().number(7).bytes(), ""}});
  ASSERT_EQ("ok", code_of(database_->flush()));
  auto ranges = database_->file_ranges(0);
  ASSERT_TRUE(ranges);
  ASSERT_EQ(2u, ranges->size());
  EXPECT_EQ(1u, (*ranges)[0].first);
  EXPECT_EQ(2u, (*ranges)[0].last);
  EXPECT_EQ(3u, (*ranges)[1].first);
  EXPECT_EQ(7u, (*ranges)[1].last);
  EXPECT_EQ(2u, (*ranges)[1].count);
}

TEST_F(DatabaseTest, OpenedToLookItShowsWhatIsOnlyInTheWriteAheadLog) {
  put(0, {{"a", "1"}});
  database_.reset();
  auto looked = Database::open_read_only(dir_.path() + "/db", options_);
  ASSERT_TRUE(looked) << looked.error().detail;
  EXPECT_EQ("1", *(*looked)->get(0, "a"));
}

TEST_F(DatabaseTest, IsOpenOnceAtATime) {
  EXPECT_EQ("io_failed", code_of(Database::open(dir_.path() + "/db", options_, true)));
}

TEST_F(DatabaseTest, ADirectoryWithoutADatabaseIsNotOpenedToLook) {
  EXPECT_NE("ok", code_of(Database::open_read_only(dir_.path() + "/none", options_)));
}

TEST_F(DatabaseTest, InMemoryAloneItMayAskForTheDisk) {
  ASSERT_EQ("ok", code_of(database_->ingest({{.column = 2, .entries = {{"x", "1"}}}})));
  open();
  EXPECT_EQ("not_yet", code_of(database_->get(2, "x", Tier::memory_only)));
  EXPECT_EQ("1", *database_->get(2, "x"));
}

}  // namespace
}  // namespace daybook::engine
