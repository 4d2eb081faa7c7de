// Damage is found wherever it is, named once, and does not hide what comes after it.
#include "storage/book/scrub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "storage/book/book.h"
#include "storage/engine/keys.h"
#include "tests/storage/samples.h"

namespace daybook {
namespace {

using test::append_of;
using test::code_of;
using testing::HasSubstr;

constexpr auto kBlocks = static_cast<std::size_t>(BookColumn::blocks);
constexpr std::uint64_t kEventsPerBlock = 4;
constexpr std::uint64_t kBlockCount = 40;

// Long enough that RocksDB gives each block a place of its own in its file.
std::string payload_of(std::uint64_t block) {
  return R"({"mark":"<)" + std::to_string(block) + R"(>","filled":")" + std::string(5000, 'x') +
         R"("})";
}

std::string block_of(std::uint64_t number) {
  const test::Request request{.events = {{.payload = payload_of(number)}}};
  const Append append = append_of(request);
  BlockBuilder builder;
  for (std::uint64_t i = 1; i <= kEventsPerBlock; ++i)
    builder.add(append, append.events[0],
                {.offset = Offset{number * kEventsPerBlock + i}, .sequence = {i}});
  return builder.finish();
}

// A book/ whose blocks, numbered from 0, are all in one file.
class ScrubTest : public testing::Test {
 protected:
  ScrubTest() {
    auto opened =
        engine::Database::open(dir_.path() + "/book", book_options(nullptr, nullptr), true);
    if (!opened) throw std::runtime_error(opened.error().detail);
    database_ = std::move(*opened);
    for (std::uint64_t number = 0; number < kBlockCount; ++number) put(number, block_of(number));
    EXPECT_EQ("ok", code_of(database_->flush()));
  }

  static engine::Key key(std::uint64_t number) {
    return engine::Key().number(number * kEventsPerBlock + 1);
  }
  void put(std::uint64_t number, const std::string& value) {
    engine::WriteSet writes = database_->new_writes();
    writes.put(kBlocks, key(number), value);
    ASSERT_EQ("ok", code_of(database_->write(writes, false)));
  }

  // Flips a bit of an event of that block, on disk.
  void flip(std::uint64_t number) {
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path() + "/book")) {
      if (entry.path().extension() != ".sst") continue;
      std::fstream file(entry.path(), std::ios::binary | std::ios::in | std::ios::out);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      const std::size_t mark = bytes.find("<" + std::to_string(number) + ">");
      if (mark == std::string::npos) continue;
      const std::size_t at = mark + 10;  // Not in the mark: a second flip finds it again.
      file.seekp(static_cast<std::streamoff>(at));
      file.put(static_cast<char>(bytes[at] ^ 1));
      return;
    }
    FAIL() << "no file has block " << number;
  }

  // One round in steps of that size.
  struct Round {
    std::uint64_t bytes = 0;
    std::uint64_t steps = 0;
    std::vector<std::string> damages;
    std::size_t damaged = 0;
  };
  Round round(std::uint64_t step_bytes = 64 << 10) {
    Round round;
    for (;;) {
      const Scrub::Step step = scrub().step(step_bytes);
      ++round.steps;
      round.bytes += step.bytes;
      round.damaged = step.damaged;
      for (const Error& damage : step.damages) round.damages.push_back(damage.detail);
      if (step.at_end) return round;
    }
  }
  Scrub& scrub() {
    if (!scrub_) scrub_.emplace(*database_);
    return *scrub_;
  }

  test::TempDir dir_;
  std::unique_ptr<engine::Database> database_;
  std::optional<Scrub> scrub_;
};

TEST_F(ScrubTest, ARoundReadsEveryBlockOnceAndTheNextOneDoesSoAgain) {
  std::uint64_t bytes = 0;
  for (std::uint64_t number = 0; number < kBlockCount; ++number) bytes += block_of(number).size();
  for (int i = 0; i < 2; ++i) {
    const Round all = round();
    EXPECT_EQ(bytes, all.bytes);
    EXPECT_THAT(all.damages, testing::IsEmpty());
  }
}

TEST_F(ScrubTest, AStepEndsWithTheBlockThatReachesItsBound) {
  EXPECT_EQ(block_of(0).size(), scrub().step(1).bytes);
  EXPECT_EQ(block_of(1).size() + block_of(2).size(), scrub().step(block_of(1).size() + 1).bytes);
  EXPECT_EQ(kBlockCount - 3, round(1).steps);
}

TEST_F(ScrubTest, AFlippedByteIsNamedOnceAndHidesNothing) {
  flip(7);
  flip(9);
  flip(30);
  const Round first = round();
  EXPECT_THAT(first.damages,
              testing::ElementsAre(HasSubstr("offsets 29 to 32: "), HasSubstr("offsets 37 to 40: "),
                                   HasSubstr("offsets 121 to 124: ")));
  EXPECT_EQ(3U, first.damaged);
  const Round second = round();
  EXPECT_THAT(second.damages, testing::IsEmpty());
  EXPECT_EQ(3U, second.damaged);
}

TEST_F(ScrubTest, TheFirstAndTheLastBlockAreReadToo) {
  flip(0);
  flip(kBlockCount - 1);
  EXPECT_THAT(round().damages, testing::ElementsAre(HasSubstr("offsets 1 to 4: "),
                                                    HasSubstr("offsets 157 to the end: ")));
}

TEST_F(ScrubTest, WhatIsWholeAgainCountsNoLonger) {
  flip(7);
  EXPECT_EQ(1U, round().damaged);
  flip(7);
  EXPECT_EQ(0U, round().damaged);
  flip(7);
  EXPECT_EQ(1U, round().damages.size());
}

// Bytes that were wrong before RocksDB got them have a right checksum of RocksDB's.
TEST_F(ScrubTest, ABlockIsHeldAgainstItsOwnChecksum) {
  std::string wrong = block_of(5);
  wrong[wrong.size() / 2] ^= 1;
  put(5, wrong);
  put(6, block_of(8));
  EXPECT_THAT(round().damages,
              testing::ElementsAre(HasSubstr("offset 21: "), HasSubstr("offset 25: ")));
}

// What is unreadable behind a wrong block is known by an offset inside of that block.
TEST_F(ScrubTest, AWholeBlockTakesEveryPlaceInItOffTheCount) {
  std::string wrong = block_of(5);
  wrong[wrong.size() / 2] ^= 1;
  put(5, wrong);
  flip(6);
  EXPECT_EQ(2U, round().damaged);
  put(5, block_of(5));
  flip(6);
  EXPECT_EQ(0U, round().damaged);
}

TEST_F(ScrubTest, LeavesTheBlockCacheAsItIs) {
  round();
  EXPECT_EQ("not_yet", code_of(database_->get(kBlocks, key(3), engine::Tier::memory_only)));
}

TEST_F(ScrubTest, AnEmptyLogIsAtItsEnd) {
  test::TempDir empty;
  auto database =
      engine::Database::open(empty.path() + "/book", book_options(nullptr, nullptr), true);
  ASSERT_TRUE(database) << database.error().detail;
  const Scrub::Step step = Scrub(**database).step(1 << 20);
  EXPECT_TRUE(step.at_end);
  EXPECT_EQ(0U, step.bytes);
}

}  // namespace
}  // namespace daybook
