// A real disk that is really full. The crash tests inject ENOSPC where they choose; here it comes
// from the kernel, wherever it strikes first.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "storage/store.h"
#include "tests/storage/samples.h"
#include "tests/storage/seed.h"
#include "tests/storage/small_disk.h"
#include "tests/storage/witness.h"

namespace daybook {
namespace {

using test::code_of;

constexpr std::uint64_t kMiB = 1 << 20;

class FullDiskTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.refusal().empty()) GTEST_SKIP() << disk_.refusal();
  }

  Result<std::unique_ptr<Store>> open() {
    Store::Options options;
    options.data_dir = disk_.path() + "/data";
    options.cache_bytes = 1 << 20;
    options.memtable_bytes = 512 << 10;
    options.chunk_events = 256;
    options.new_log_id = LogId{4};
    return Store::open(std::move(options));
  }
  void expect_whole() {
    const auto store = open();
    ASSERT_TRUE(store) << store.error().detail;
    witness_.check(**store);
  }

  std::string ballast(int number) const {
    return disk_.path() + "/ballast" + std::to_string(number);
  }
  // Takes so many bytes, or whatever is left.
  void take(int number, std::uint64_t bytes) {
    std::ofstream file(ballast(number), std::ios::binary);
    const std::string page(4096, 'b');
    for (std::uint64_t taken = 0; taken < bytes && file; taken += page.size())
      file << page << std::flush;
  }

  const std::uint64_t seed_ = test_seed();
  test::SmallDisk disk_{12 * kMiB};
  Witness witness_{seed_};
};

TEST_F(FullDiskTest, NothingAcknowledgedIsLost) {
  constexpr int kLives = 3;
  for (int life = 0; life < kLives; ++life) take(life, 2 * kMiB);
  for (int life = 0; life < kLives; ++life) {
    SCOPED_TRACE("life " + std::to_string(life));
    const std::size_t before = witness_.acknowledged();
    {
      auto store = open();
      ASSERT_TRUE(store) << store.error().detail;
      std::uint64_t free = disk_.free_bytes();
      while (witness_.step(**store)) free = std::min(free, disk_.free_bytes());
      EXPECT_LT(free, 2 * kMiB);
    }
    EXPECT_GT(witness_.acknowledged(), before);

    // Without room a start may fail, by a name that does not say that the log is damaged.
    take(kLives, 12 * kMiB);
    if (const auto store = open(); !store) {
      EXPECT_EQ("io_failed", code_of(store)) << store.error().detail;
    }
    std::filesystem::remove(ballast(kLives));
    std::filesystem::remove(ballast(life));
    ASSERT_NO_FATAL_FAILURE(expect_whole());
  }
}

TEST_F(FullDiskTest, AFirstStartWithoutRoomLeavesNothingInTheWayOfTheNext) {
  take(0, 12 * kMiB);
  ASSERT_EQ(0U, disk_.free_bytes());
  EXPECT_EQ("io_failed", code_of(open()));
  std::filesystem::remove(ballast(0));
  const auto store = open();
  ASSERT_TRUE(store) << store.error().detail;
  EXPECT_TRUE(witness_.step(**store));
}

}  // namespace
}  // namespace daybook
