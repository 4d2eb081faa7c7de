// A start whose index has to be brought up to the book: what can be asked meanwhile, and
// afterwards.
#include <filesystem>
#include <numeric>
#include <thread>

#include "storage/engine/crash_file_system.h"
#include "tests/storage/store_fixture.h"

namespace daybook {
namespace {

using namespace test;

constexpr std::uint64_t kEvents = 100;

class RecoveryTest : public StoreTest {
 protected:
  // 100 events with a tag and an id each, a group, and no index.
  void make_log_without_index() {
    for (std::uint64_t i = 1; i <= kEvents; ++i)
      ASSERT_EQ("ok", code_of(append({.events = {{.id = std::to_string(i), .tags = {"t"}}}})));
    ASSERT_EQ("ok", code_of(command(PutGroup{.group = "g", .settings = {}})));
    ASSERT_EQ("ok", code_of(command(CommitOffset{.group = "g", .offset = Offset{7}})));
    store_.reset();
    delete_index();
  }
  void delete_index() { std::filesystem::remove_all(dir_.path() + "/index"); }

  void open_early() {
    store_.reset();
    auto opened = Store::open_early(options_);
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
  }
  bool step() {
    auto more = store_->recover_next();
    EXPECT_TRUE(more) << more.error().detail;
    return more && *more;
  }
  void finish() {
    while (step()) continue;
    EXPECT_FALSE(store_->is_recovering());
  }

  static std::vector<std::uint64_t> range(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> all(last - first + 1);
    std::iota(all.begin(), all.end(), first);
    return all;
  }

  void expect_reads_by_offset() {
    EXPECT_EQ(Offset{kEvents}, store_->committed());
    EXPECT_EQ(range(1, kEvents), offsets_of(*read({.limit = 1000})));
    EXPECT_EQ(range(52, 56), offsets_of(*read({.after = Offset{51}, .limit = 5})));
    auto newest = offsets_of(*read({.order = Order::descending, .limit = 3}));
    EXPECT_EQ((std::vector<std::uint64_t>{100, 99, 98}), newest);
    for (const std::uint64_t offset : {1u, 50u, 100u}) {
      auto page = store_->reader().find(Offset{offset}, engine::Tier::disk);
      ASSERT_TRUE(page) << page.error().detail;
      EXPECT_EQ(std::to_string(offset), page->events.front().id.to_string());
    }
    EXPECT_EQ("not_found", code_of(store_->reader().find(Offset{101}, engine::Tier::disk)));
    EXPECT_LE(Offset{7}, store_->groups().find("g")->committed);
  }

  void expect_all_else(const std::string& code) {
    EXPECT_EQ(code, code_of(read({.filter = {.tags = {"t"}}})));
    EXPECT_EQ(code, code_of(store_->reader().find("", "5", engine::Tier::disk)));
    EXPECT_EQ(code, code_of(store_->aggregates().find("thing", "1")));
    const AggregateQuery history{.aggregate_type = "thing", .aggregate_id = "1"};
    EXPECT_EQ(code, code_of(store_->aggregates().read(history)));
    EXPECT_EQ(code, code_of(store_->aggregates().list({})));
    requests_.push_back({.events = {{}}});
    const Command another = append_of(requests_.back());
    EXPECT_EQ(code, code_of(store_->gather(another, engine::Tier::disk)));
  }

  void expect_everything() {
    expect_reads_by_offset();
    expect_all_else("ok");
    EXPECT_EQ(range(1, kEvents), offsets_of(*read({.filter = {.tags = {"t"}}, .limit = 1000})));
    EXPECT_EQ(Sequence{kEvents}, store_->aggregates().find("thing", "1")->sequence);
    for (const std::uint64_t i : {1u, 50u, 100u})
      EXPECT_EQ(Offset{i},
                store_->reader().find("", std::to_string(i), engine::Tier::disk)->events[0].offset);
  }
};

TEST_F(RecoveryTest, EventsAreReadByOffsetAtEveryStepOfARebuild) {
  make_log_without_index();
  open_early();
  Offset posted;
  int chunks = 0;
  do {
    ASSERT_TRUE(store_->is_recovering());
    ASSERT_NO_FATAL_FAILURE(expect_reads_by_offset());
    expect_all_else("recovering");
    EXPECT_LE(posted, store_->index().posted()) << "progress";
    if (store_->index().posted() != posted) ++chunks;
    posted = store_->index().posted();
  } while (step());
  EXPECT_EQ(12, chunks);
  EXPECT_FALSE(store_->is_recovering());
  EXPECT_FALSE(*store_->recover_next()) << "once more does nothing";
  expect_everything();
  EXPECT_EQ("ok", code_of(append({.events = {{}}})));
  EXPECT_EQ(Sequence{kEvents + 1}, store_->aggregates().find("thing", "1")->sequence);
}

TEST_F(RecoveryTest, GroupsGoOnDuringARebuild) {
  make_log_without_index();
  open_early();
  ASSERT_TRUE(step());
  EXPECT_EQ("ok", code_of(command(CommitOffset{.group = "g", .offset = Offset{50}})));
  EXPECT_EQ("ok", code_of(command(PutGroup{.group = "h", .settings = {.start = FromHead{}}})));
  finish();
  expect_everything();
  open();
  EXPECT_EQ(Offset{50}, store_->groups().find("g")->committed);
  EXPECT_EQ(Offset{kEvents}, store_->groups().find("h")->committed);
}

TEST_F(RecoveryTest, AStopDuringARebuildKeepsWhatIsPosted) {
  make_log_without_index();
  open_early();
  while (store_->index().posted() < Offset{40}) ASSERT_TRUE(step());
  const Offset posted = store_->index().posted();
  ASSERT_EQ("ok", code_of(store_->post_all()));
  EXPECT_EQ(posted, store_->index().posted());
  open_early();
  EXPECT_EQ(posted, store_->index().posted());
  EXPECT_EQ("", store_->why_rebuilt());
  finish();
  expect_everything();
}

TEST_F(RecoveryTest, AWholeIndexHasNothingToRecover) {
  open_early();
  EXPECT_FALSE(store_->is_recovering());
  append_events(20);
  ASSERT_EQ("ok", code_of(store_->post_all()));
  open_early();
  EXPECT_FALSE(store_->is_recovering());
  EXPECT_FALSE(*store_->recover_next());
}

TEST_F(RecoveryTest, ReadersMayAskWhileAnotherThreadRecovers) {
  make_log_without_index();
  open_early();
  std::atomic<bool> done{false};
  std::thread reader([&] {
    do {
      expect_reads_by_offset();
      auto tagged = read({.filter = {.tags = {"t"}}, .limit = 1000});
      if (tagged) {
        EXPECT_EQ(kEvents, tagged->events.size()) << "all of it or `recovering`";
      } else {
        EXPECT_EQ(Errc::recovering, tagged.error().code);
      }
    } while (!done.load());
  });
  finish();
  done.store(true);
  reader.join();
}

// Each operation on a posting file fails once. Where RocksDB took such a file over without its
// keys, the rebuild begins anew by itself.
TEST_F(RecoveryTest, AFileTakenOverWithoutItsKeysIsNoReasonToFail) {
  make_log_without_index();
  int begun_anew = 0;
  for (std::uint64_t nth = 1; nth < 1000; ++nth) {
    SCOPED_TRACE("operation " + std::to_string(nth));
    delete_index();
    engine::CrashFileSystem disk(dir_.path() + "/scratch");
    options_.file_system = &disk;
    disk.plan(engine::Fault{.nth = nth, .path_contains = "/posting-"});
    auto opened = Store::open(options_);
    const bool was_hit = disk.counts().faults_hit > 0;
    disk.clear_plans();
    if (!opened) {
      EXPECT_EQ(Errc::io_failed, opened.error().code) << opened.error().detail;
      opened = Store::open(options_);
      ASSERT_TRUE(opened) << opened.error().detail;
    }
    store_ = std::move(*opened);
    if (!store_->why_rebuilt().empty()) ++begun_anew;
    ASSERT_NO_FATAL_FAILURE(expect_everything());
    store_.reset();
    if (!was_hit) break;
  }
  EXPECT_GT(begun_anew, 0);
}

}  // namespace
}  // namespace daybook
