// Power cuts and failing disks: what was acknowledged is there after the restart, batches are
// whole, numbers have no gaps, groups never go back, and nothing that a reader saw vanishes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "storage/engine/crash_file_system.h"
#include "storage/store.h"
#include "tests/storage/seed.h"
#include "tests/storage/witness.h"

namespace daybook {
namespace {

using engine::CrashFileSystem;
using engine::CrashPlan;
using engine::Fault;

// One machine: its disk, its log, and who remembers what it promised.
class Machine {
 public:
  explicit Machine(std::uint64_t seed, std::size_t memtable_bytes = 512 << 10)
      : random_(seed), memtable_bytes_(memtable_bytes), witness_(seed) {
    std::string pattern = testing::TempDir() + "daybook-crash-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    disk_ = std::make_unique<CrashFileSystem>(root_ + "/scratch");
  }
  ~Machine() {
    store_.reset();
    disk_.reset();
    std::filesystem::remove_all(root_);
  }

  CrashFileSystem& disk() { return *disk_; }
  Witness& witness() { return witness_; }
  Store& store() { return *store_; }
  std::uint64_t random() { return random_(); }

  // Small caches and chunks, so that memtables are flushed and chunks posted within a short run.
  Result<void> open() {
    Store::Options options;
    options.data_dir = data_dir();
    options.cache_bytes = 1 << 20;
    options.memtable_bytes = memtable_bytes_;
    options.heads_cached = 4;
    options.chunk_events = 24;
    options.new_log_id = LogId{1, 2, 3};
    options.file_system = disk_.get();
    auto store = Store::open(std::move(options));
    if (!store) return store.error();
    store_ = std::move(*store);
    return {};
  }

  // Up to `steps` things happen; fewer where the log or the machine fails.
  void run(int steps) {
    for (int i = 0; i < steps && !disk_->crashed(); ++i) {
      if (random_() % 8 == 0) head_on_disk_ = mark()->load();
      if (!witness_.step(*store_)) return;
    }
  }

  std::unique_ptr<HeadMark> mark() const {
    auto mark = HeadMark::open(data_dir() + "/head");
    EXPECT_TRUE(mark);
    return std::move(*mark);
  }

  void close() { store_.reset(); }

  void crash_and_restart() {
    if (!disk_->crashed()) disk_->crash(random_());
    close();
    // The head page is mapped: what was stored since it was last synced may be lost as well.
    if (head_on_disk_ && random_() % 2) mark()->store(*head_on_disk_);
    disk_->restart();
  }

  void plan_crash(std::uint64_t nth_sync) {
    disk_->plan(
        CrashPlan{.nth_sync = nth_sync,
                  .moment = random_() % 2 ? CrashPlan::Moment::before : CrashPlan::Moment::after,
                  .seed = random_()});
  }

  std::string data_dir() const { return root_ + "/data"; }

  // Opens and checks every promise.
  void expect_whole() {
    const auto opened = open();
    ASSERT_TRUE(opened) << opened.error().detail;
    ASSERT_NO_FATAL_FAILURE(witness_.check(*store_));
  }

 private:
  std::mt19937_64 random_;
  const std::size_t memtable_bytes_;
  std::string root_;
  std::unique_ptr<CrashFileSystem> disk_;
  std::unique_ptr<Store> store_;
  Witness witness_;
  std::optional<BookEnd> head_on_disk_;  // what a power cut may take the head page back to
};

class CrashTest : public testing::Test {
 protected:
  const std::uint64_t seed_ = test_seed();
};

// A short life of a new log: it is made, written to, and closed cleanly.
void short_life(Machine& machine) {
  if (!machine.open()) return;
  machine.run(12);
  if (!machine.disk().crashed() && !machine.store().failed())
    machine.witness().post(machine.store());
  machine.close();
}

TEST_F(CrashTest, EverySyncOfAShortLifeMayBeTheLast) {
  Machine quiet(seed_);
  short_life(quiet);
  const std::uint64_t syncs = quiet.disk().syncs();
  ASSERT_GT(quiet.witness().acknowledged(), 0U);
  for (std::uint64_t nth = 1; nth <= syncs; ++nth) {
    SCOPED_TRACE("crash at sync " + std::to_string(nth) + " of " + std::to_string(syncs));
    Machine machine(seed_ + nth);
    machine.plan_crash(nth);
    short_life(machine);
    machine.crash_and_restart();
    ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
    machine.run(3);
    machine.witness().check(machine.store());
    if (HasFatalFailure()) return;
  }
}

TEST_F(CrashTest, ALogLivesThroughManyCrashes) {
  Machine machine(seed_);
  for (int life = 1; life <= 40; ++life) {
    SCOPED_TRACE("life " + std::to_string(life));
    ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
    machine.plan_crash(1 + machine.random() % 60);
    machine.run(60);
    machine.crash_and_restart();
  }
  ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
  EXPECT_GT(machine.witness().acknowledged(), 100U);
}

TEST_F(CrashTest, AHeadPageThatSaysMoreThanTheLogHasIsRefused) {
  Machine machine(seed_);
  ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
  machine.run(30);
  machine.crash_and_restart();
  ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
  machine.close();
  const BookEnd end = machine.mark()->load();
  ASSERT_GT(end.head, Offset{0});
  for (const BookEnd claimed :
       {BookEnd{end.head + 1, end.change}, BookEnd{end.head, end.change + 1}}) {
    machine.mark()->store(claimed);
    const auto refused = machine.open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(Errc::corrupted, refused.error().code);
  }
  machine.mark()->store(end);
  ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
}

TEST_F(CrashTest, ASecondCrashMayComeDuringRecovery) {
  Machine machine(seed_);
  ASSERT_TRUE(machine.open());
  for (int life = 1; life <= 25; ++life) {
    SCOPED_TRACE("life " + std::to_string(life));
    machine.plan_crash(1 + machine.random() % 40);
    machine.run(40);
    machine.crash_and_restart();
    for (std::uint64_t nth = 1; nth <= 3; ++nth) {
      machine.plan_crash(1 + machine.random() % 12);
      const auto opened = machine.open();
      if (opened) break;
      ASSERT_TRUE(machine.disk().crashed()) << opened.error().detail;
      machine.crash_and_restart();
    }
    machine.crash_and_restart();
    ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
  }
}

TEST_F(CrashTest, AProcessMayDieWithoutAPowerCut) {
  Machine machine(seed_);
  for (int life = 1; life <= 10; ++life) {
    ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
    machine.run(15);
    machine.close();
  }
}

// With memtables that are not flushed in the background: RocksDB as Debian builds it aborts the
// process when a flush fails to sync an older write-ahead log and a write then syncs it again. A
// daemon may end so; a test may not.
constexpr std::size_t kNoFlush = 64 << 20;

// RocksDB takes a posting file in under a second name and then removes the first.
TEST_F(CrashTest, WhatAKilledPostLeftBehindIsNotWrittenThrough) {
  Machine machine(seed_);
  ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(machine.witness().append(machine.store()));
  ASSERT_TRUE(machine.store().post_all());
  machine.close();
  const std::filesystem::path index = machine.data_dir() + "/index";
  std::filesystem::path largest;
  for (const auto& file : std::filesystem::directory_iterator(index))
    if (file.path().extension() == ".sst" &&
        (largest.empty() || file.file_size() > std::filesystem::file_size(largest)))
      largest = file.path();
  std::filesystem::create_hard_link(largest, index / "posting-postings.sst");

  ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
  ASSERT_TRUE(machine.witness().append(machine.store()));
  ASSERT_TRUE(machine.store().post_all());
  machine.close();
  ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
  EXPECT_EQ("", machine.store().why_rebuilt());
}

struct FailingDisk {
  const char* name;
  Fault fault;
  friend void PrintTo(const FailingDisk& disk, std::ostream* out) { *out << disk.name; }
};

class FailingDiskTest : public CrashTest, public testing::WithParamInterface<FailingDisk> {};

TEST_P(FailingDiskTest, TheLogLatchesAndARestartFindsAllThatWasAcknowledged) {
  for (std::uint64_t round = 1; round <= 12; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Machine machine(seed_ + round, kNoFlush);
    ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
    machine.run(10);
    if (machine.store().failed()) FAIL() << "nothing was to fail yet";
    Fault fault = GetParam().fault;
    fault.nth = 1 + machine.random() % 6;
    fault.path_contains = "/book/";
    machine.disk().plan(fault);
    for (int i = 0; i < 200 && !machine.store().failed(); ++i)
      machine.witness().append(machine.store(), 2);
    ASSERT_TRUE(machine.store().failed());

    machine.disk().clear_plans();
    const Offset committed = machine.store().committed();
    EXPECT_FALSE(machine.witness().append(machine.store())) << "a failed log accepts nothing more";
    EXPECT_EQ(committed, machine.store().committed());
    const auto posted = machine.store().post_all();
    ASSERT_FALSE(posted) << "what may not be on disk must not be posted";
    EXPECT_EQ(Errc::io_failed, posted.error().code);
    machine.witness().check(machine.store());  // Readers go on, and see nothing doubtful.

    if (round % 2 == 0)
      machine.crash_and_restart();
    else
      machine.close();
    ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
    machine.run(5);
    machine.witness().check(machine.store());
  }
}

constexpr Fault failing(Fault::On on, Fault::Effect effect, bool lasting) {
  Fault fault;
  fault.on = on;
  fault.effect = effect;
  fault.lasting = lasting;
  return fault;
}

INSTANTIATE_TEST_SUITE_P(
    Disks, FailingDiskTest,
    testing::Values(
        FailingDisk{"SyncFailsOnce", failing(Fault::On::sync, Fault::Effect::io_error, false)},
        FailingDisk{"SyncFailsForEver", failing(Fault::On::sync, Fault::Effect::io_error, true)},
        FailingDisk{"WriteFails", failing(Fault::On::append, Fault::Effect::io_error, false)},
        FailingDisk{"ShortWrite", failing(Fault::On::append, Fault::Effect::short_write, false)},
        FailingDisk{"DiskFull", failing(Fault::On::append, Fault::Effect::no_space, true)}),
    [](const auto& disk) { return disk.param.name; });

TEST_F(CrashTest, AnyOperationMayFail) {
  for (std::uint64_t round = 1; round <= 60; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Machine machine(seed_ + round, kNoFlush);
    Fault fault;
    fault.nth = 1 + machine.random() % 700;
    machine.disk().plan(fault);
    if (machine.open()) machine.run(15);
    machine.close();
    machine.disk().clear_plans();
    if (round % 2 == 0) machine.crash_and_restart();
    ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
  }
}

TEST_F(CrashTest, NobodySeesAnEventBeforeItsSyncReturned) {
  Machine machine(seed_, kNoFlush);
  ASSERT_NO_FATAL_FAILURE(machine.expect_whole());
  machine.run(5);
  std::uint64_t looked = 0;
  for (int i = 0; i < 10; ++i) {
    const Offset before = machine.store().committed();
    machine.disk().on_sync([&](const std::string& path) {
      if (path.find("/book/") == std::string::npos) return;
      ++looked;
      EXPECT_EQ(before, machine.store().committed());
      Query all;
      all.after = before;
      const auto page = machine.store().reader().read(all, engine::Tier::disk);
      ASSERT_TRUE(page) << page.error().detail;
      EXPECT_TRUE(page->events.empty());
      EXPECT_EQ(before, page->head);
    });
    ASSERT_TRUE(machine.witness().append(machine.store()));
    machine.disk().on_sync(nullptr);
  }
  EXPECT_GT(looked, 0U);
}

}  // namespace
}  // namespace daybook
