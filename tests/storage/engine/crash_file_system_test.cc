// CrashFileSystem keeps its promises: what was synced survives, the rest may not, and planned
// faults come when planned. Driven by RocksDB itself and by single files.
#include "storage/engine/crash_file_system.h"

#include <gmock/gmock.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <set>

namespace daybook::engine {
namespace {

class Silent final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

class CrashFileSystemTest : public testing::Test {
 protected:
  CrashFileSystemTest() {
    std::string pattern = testing::TempDir() + "daybook-crash-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    fresh_directory();
    files_ = std::make_unique<CrashFileSystem>(root_ + "/scratch");
  }
  ~CrashFileSystemTest() override {
    db_.reset();
    files_.reset();
    std::filesystem::remove_all(root_);
  }

  std::string dir() const { return root_ + "/" + std::to_string(directories_); }
  void fresh_directory() {
    ++directories_;
    std::filesystem::create_directory(dir());
  }
  rocksdb::Env& env() { return *files_->env(); }

  rocksdb::Status open() {
    rocksdb::Options options;
    options.env = &env();
    options.create_if_missing = true;
    options.info_log = std::make_shared<Silent>();
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    options.track_and_verify_wals_in_manifest = true;
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, dir(), &db);
    db_.reset(db);
    return status;
  }

  rocksdb::Status put(int key, std::size_t value_bytes, bool sync) {
    rocksdb::WriteOptions options;
    options.sync = sync;
    const std::string name = std::to_string(key);
    return db_->Put(options, name, std::string(value_bytes, static_cast<char>('a' + key % 26)));
  }

  bool holds(int key) {
    std::string value;
    const rocksdb::Status status = db_->Get({}, std::to_string(key), &value);
    EXPECT_TRUE(status.ok() || status.IsNotFound()) << status.ToString();
    return status.ok();
  }

  // The power fails, the database goes, the power is back.
  void crash(std::uint64_t seed) {
    files_->crash(seed);
    db_.reset();
    files_->restart();
  }

  rocksdb::Status write_file(const std::string& name, const std::string& text, bool sync) {
    return rocksdb::WriteStringToFile(&env(), text, dir() + "/" + name, sync);
  }

  void sync_directory() {
    std::unique_ptr<rocksdb::Directory> directory;
    ASSERT_TRUE(env().NewDirectory(dir(), &directory).ok());
    ASSERT_TRUE(directory->Fsync().ok());
  }

  // nullopt where there is no such file.
  std::optional<std::string> content(const std::string& name) {
    std::string text;
    const rocksdb::Status status = rocksdb::ReadFileToString(&env(), dir() + "/" + name, &text);
    return status.ok() ? std::optional(text) : std::nullopt;
  }

  // What `content(name)` is after each of many crashes of a scene that starts empty anew.
  template <class Scene>
  std::set<std::optional<std::string>> outcomes(const std::string& name, Scene scene) {
    std::set<std::optional<std::string>> seen;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      fresh_directory();
      scene();
      files_->crash(seed);
      files_->restart();
      seen.insert(content(name));
    }
    return seen;
  }

  std::string root_;
  int directories_ = 0;
  std::unique_ptr<CrashFileSystem> files_;
  std::unique_ptr<rocksdb::DB> db_;
};

TEST_F(CrashFileSystemTest, SyncedFileInSyncedDirectorySurvives) {
  const auto seen = outcomes("a", [this] {
    ASSERT_TRUE(write_file("a", "one", true).ok());
    sync_directory();
  });
  EXPECT_THAT(seen, testing::ElementsAre("one"));
}

TEST_F(CrashFileSystemTest, CreationMayBeUndoneUntilTheDirectoryIsSynced) {
  const auto seen = outcomes("a", [this] { ASSERT_TRUE(write_file("a", "one", true).ok()); });
  EXPECT_THAT(seen, testing::UnorderedElementsAre(std::nullopt, "one"));
}

TEST_F(CrashFileSystemTest, DeletionMayBeUndoneUntilTheDirectoryIsSynced) {
  const auto make_and_delete = [this] {
    ASSERT_TRUE(write_file("a", "one", true).ok());
    sync_directory();
    ASSERT_TRUE(env().DeleteFile(dir() + "/a").ok());
    ASSERT_FALSE(content("a"));
  };
  EXPECT_THAT(outcomes("a", make_and_delete), testing::UnorderedElementsAre(std::nullopt, "one"));
  const auto seen = outcomes("a", [&] {
    make_and_delete();
    sync_directory();
  });
  EXPECT_THAT(seen, testing::ElementsAre(std::nullopt));
}

TEST_F(CrashFileSystemTest, RenameShowsTheOldOrTheNewFileNeverNone) {
  const auto seen = outcomes("a", [this] {
    ASSERT_TRUE(write_file("a", "old", true).ok());
    sync_directory();
    ASSERT_TRUE(write_file("b", "new", true).ok());
    ASSERT_TRUE(env().RenameFile(dir() + "/b", dir() + "/a").ok());
    ASSERT_EQ("new", content("a"));
  });
  EXPECT_THAT(seen, testing::UnorderedElementsAre("old", "new"));
}

TEST_F(CrashFileSystemTest, HardLinkMayBeUndoneAndTheFileStays) {
  const auto scene = [this] {
    ASSERT_TRUE(write_file("a", "one", true).ok());
    sync_directory();
    ASSERT_TRUE(env().LinkFile(dir() + "/a", dir() + "/b").ok());
    ASSERT_EQ("one", content("b"));
  };
  EXPECT_THAT(outcomes("b", scene), testing::UnorderedElementsAre(std::nullopt, "one"));
  EXPECT_THAT(outcomes("a", scene), testing::ElementsAre("one"));
}

TEST_F(CrashFileSystemTest, WritingAFileAnewEmptiesItUnderAllItsNames) {
  ASSERT_TRUE(write_file("a", "one", true).ok());
  ASSERT_TRUE(env().LinkFile(dir() + "/a", dir() + "/b").ok());
  ASSERT_TRUE(write_file("a", "2", true).ok());
  EXPECT_EQ("2", content("b"));
}

TEST_F(CrashFileSystemTest, UnsyncedPagesSurviveInAnySubsetBehindTheSyncedBytes) {
  const std::string synced(5000, 's');
  bool lost = false;
  bool hole = false;
  const auto seen = outcomes("a", [&] {
    std::unique_ptr<rocksdb::WritableFile> file;
    ASSERT_TRUE(env().NewWritableFile(dir() + "/a", &file, {}).ok());
    ASSERT_TRUE(file->Append(synced).ok());
    ASSERT_TRUE(file->Sync().ok());
    sync_directory();
    ASSERT_TRUE(file->Append(std::string(30'000, 'u')).ok());
    ASSERT_TRUE(file->RangeSync(0, 35'000).ok());
    ASSERT_EQ(35'000U, content("a")->size());
  });
  for (const auto& text : seen) {
    ASSERT_TRUE(text);
    ASSERT_EQ(synced, text->substr(0, synced.size()));
    EXPECT_EQ(std::string::npos,
              text->substr(synced.size()).find_first_not_of(std::string("u\0", 2)));
    lost = lost || text->size() < 35'000;
    const std::size_t zero = text->find('\0');
    hole = hole || (zero != std::string::npos && text->find('u', zero) != std::string::npos);
  }
  EXPECT_TRUE(lost);
  EXPECT_TRUE(hole);
}

TEST_F(CrashFileSystemTest, TheSameSeedLeavesTheSameBytes) {
  std::vector<std::optional<std::string>> seen;
  for (int run = 0; run < 2; ++run) {
    fresh_directory();
    sync_directory();
    std::unique_ptr<rocksdb::WritableFile> file;
    ASSERT_TRUE(env().NewWritableFile(dir() + "/a", &file, {}).ok());
    sync_directory();
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(file->Append(std::string(777, 'u')).ok());
    files_->crash(4);
    files_->restart();
    seen.push_back(content("a"));
  }
  EXPECT_EQ(seen[0], seen[1]);
}

TEST_F(CrashFileSystemTest, SyncedWritesOfADatabaseSurviveEveryCrash) {
  int next = 0;
  std::set<int> kept;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    ASSERT_TRUE(open().ok());
    for (const int key : kept) ASSERT_TRUE(holds(key)) << "seed " << seed << ", key " << key;
    for (int i = 0; i < 5; ++i, ++next) {
      ASSERT_TRUE(put(next, 3000, true).ok());
      kept.insert(next);
    }
    if (seed % 5 == 0) {
      EXPECT_TRUE(db_->Flush({}).ok());
    }
    if (seed % 15 == 0) {
      EXPECT_TRUE(db_->CompactRange({}, nullptr, nullptr).ok());
    }
    for (int i = 0; i < 5; ++i, ++next) ASSERT_TRUE(put(next, 3000, false).ok());
    crash(seed);
  }
}

TEST_F(CrashFileSystemTest, TornLogTailsReopenAndLoseOnlyUnsyncedWrites) {
  std::set<int> survivors;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    fresh_directory();
    ASSERT_TRUE(open().ok());
    ASSERT_TRUE(put(0, 100, true).ok());
    for (int key = 1; key <= 4; ++key) ASSERT_TRUE(put(key, 9000, false).ok());
    crash(seed);
    const rocksdb::Status reopened = open();
    ASSERT_TRUE(reopened.ok()) << "seed " << seed << ": " << reopened.ToString();
    EXPECT_TRUE(holds(0));
    int last = 0;
    for (int key = 1; key <= 4; ++key) last = holds(key) ? key : last;
    for (int key = 1; key <= last; ++key) EXPECT_TRUE(holds(key)) << "seed " << seed;
    survivors.insert(last);
    db_.reset();
  }
  EXPECT_TRUE(survivors.contains(0)) << "unsynced writes may vanish";
  EXPECT_TRUE(survivors.contains(4)) << "and they may survive";
  EXPECT_GT(survivors.size(), 2U) << "or some of them";
}

TEST_F(CrashFileSystemTest, CrashAtEverySyncOfAShortRunKeepsWhatWasAcknowledged) {
  const auto run = [this](std::set<int>& acknowledged) {
    if (!open().ok()) return;
    for (int key = 0; key < 3; ++key)
      if (put(key, 500, true).ok()) acknowledged.insert(key);
    db_->Flush({});
  };
  std::set<int> all;
  const std::uint64_t before = files_->syncs();
  run(all);
  db_.reset();
  const std::uint64_t syncs = files_->syncs() - before;
  ASSERT_EQ(3U, all.size());
  ASSERT_GT(syncs, 5U);

  for (std::uint64_t nth = 1; nth <= syncs; ++nth) {
    for (const auto moment : {CrashPlan::Moment::before, CrashPlan::Moment::after}) {
      fresh_directory();
      files_->plan(CrashPlan{.nth_sync = nth, .moment = moment, .seed = nth});
      std::set<int> acknowledged;
      run(acknowledged);
      db_.reset();
      if (!files_->crashed()) files_->crash(nth);
      files_->restart();
      const rocksdb::Status reopened = open();
      ASSERT_TRUE(reopened.ok()) << "sync " << nth << ": " << reopened.ToString();
      for (const int key : acknowledged) EXPECT_TRUE(holds(key)) << "sync " << nth;
      db_.reset();
    }
  }
}

TEST_F(CrashFileSystemTest, NothingWorksBetweenCrashAndRestart) {
  ASSERT_TRUE(write_file("a", "one", true).ok());
  sync_directory();
  files_->crash(1);
  EXPECT_TRUE(files_->crashed());
  EXPECT_TRUE(write_file("b", "two", true).IsIOError());
  EXPECT_TRUE(env().FileExists(dir() + "/a").IsIOError());
  EXPECT_TRUE(env().DeleteFile(dir() + "/a").IsIOError());
  EXPECT_TRUE(env().RenameFile(dir() + "/a", dir() + "/c").IsIOError());
  EXPECT_FALSE(content("a"));
  files_->restart();
  EXPECT_EQ("one", content("a"));
}

TEST_F(CrashFileSystemTest, HandlesFromBeforeTheCrashStayDead) {
  std::unique_ptr<rocksdb::WritableFile> file;
  ASSERT_TRUE(env().NewWritableFile(dir() + "/a", &file, {}).ok());
  sync_directory();
  files_->crash(1);
  files_->restart();
  EXPECT_TRUE(file->Append("late").IsIOError());
  EXPECT_TRUE(file->Sync().IsIOError());
  EXPECT_EQ("", content("a"));
}

TEST_F(CrashFileSystemTest, PlannedSyncFails) {
  ASSERT_TRUE(open().ok());
  files_->plan(Fault{.on = Fault::On::sync, .nth = 2, .path_contains = ".log"});
  EXPECT_TRUE(put(1, 10, true).ok());
  EXPECT_TRUE(put(2, 10, true).IsIOError());
  EXPECT_FALSE(put(3, 10, true).ok()) << "RocksDB writes no more after a failed sync";
  EXPECT_EQ(1U, files_->counts().faults_hit);
}

TEST_F(CrashFileSystemTest, FullDiskStaysFullUntilThePlanIsCleared) {
  files_->plan(Fault{.on = Fault::On::append, .effect = Fault::Effect::no_space, .lasting = true});
  EXPECT_TRUE(write_file("a", "one", false).IsNoSpace());
  EXPECT_TRUE(write_file("b", "two", false).IsNoSpace());
  files_->clear_plans();
  EXPECT_TRUE(write_file("b", "two", false).ok());
}

TEST_F(CrashFileSystemTest, ShortWriteLeavesHalf) {
  files_->plan(Fault{.on = Fault::On::append, .nth = 2, .effect = Fault::Effect::short_write});
  std::unique_ptr<rocksdb::WritableFile> file;
  ASSERT_TRUE(env().NewWritableFile(dir() + "/a", &file, {}).ok());
  ASSERT_TRUE(file->Append("first,").ok());
  EXPECT_TRUE(file->Append("second").IsIOError());
  EXPECT_EQ("first,sec", content("a"));
}

TEST_F(CrashFileSystemTest, EveryOperationCanFailAndNoneLosesWhatWasAcknowledged) {
  for (std::uint64_t nth = 1; nth <= 400; ++nth) {
    fresh_directory();
    files_->plan(Fault{.on = Fault::On::operation, .nth = nth});
    const std::uint64_t hit = files_->counts().faults_hit;
    const bool opened = open().ok();
    const bool written = opened && put(1, 10, true).ok();
    db_.reset();
    const bool fault_came = files_->counts().faults_hit > hit;
    crash(nth);
    if (written) {
      const rocksdb::Status reopened = open();
      ASSERT_TRUE(reopened.ok()) << "operation " << nth << ": " << reopened.ToString();
      EXPECT_TRUE(holds(1)) << "operation " << nth;
      db_.reset();
    }
    if (!fault_came) return;
  }
  FAIL() << "the run never ended without a fault";
}

TEST_F(CrashFileSystemTest, ReadersGoOnDuringASlowSync) {
  ASSERT_TRUE(write_file("a", "one", true).ok());
  std::promise<void> syncing;
  std::promise<void> go_on;
  files_->on_sync([&](const std::string&) {
    syncing.set_value();
    go_on.get_future().wait();
  });
  auto slow = std::async(std::launch::async, [this] { return write_file("b", "two", true); });
  syncing.get_future().wait();
  EXPECT_EQ("one", content("a"));
  go_on.set_value();
  EXPECT_TRUE(slow.get().ok());
}

TEST_F(CrashFileSystemTest, BytesAppendedDuringASyncAreNotCoveredByIt) {
  std::unique_ptr<rocksdb::WritableFile> file;
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ASSERT_TRUE(env().NewWritableFile(dir() + "/a", &file, {}).ok());
    sync_directory();
    ASSERT_TRUE(file->Append("before").ok());
    files_->on_sync([&](const std::string&) { ASSERT_TRUE(file->Append(" during").ok()); });
    ASSERT_TRUE(file->Sync().ok());
    files_->on_sync(nullptr);
    files_->crash(seed);
    files_->restart();
    ASSERT_EQ("before", content("a")->substr(0, 6));
    sizes.insert(content("a")->size());
  }
  EXPECT_TRUE(sizes.contains(6));
  EXPECT_TRUE(sizes.contains(13));
}

TEST_F(CrashFileSystemTest, ClosedDatabaseLeavesNoHandles) {
  const auto descriptors = [] {
    const std::filesystem::directory_iterator open_files("/proc/self/fd");
    return std::distance(begin(open_files), end(open_files));
  };
  const auto before = descriptors();
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    ASSERT_TRUE(open().ok());
    ASSERT_TRUE(put(1, 10, true).ok());
    crash(seed);
  }
  ASSERT_TRUE(open().ok());
  EXPECT_GT(files_->open_handles(), 0U);
  db_.reset();
  EXPECT_EQ(0U, files_->open_handles());
  EXPECT_EQ(before, descriptors());
}

}  // namespace
}  // namespace daybook::engine
