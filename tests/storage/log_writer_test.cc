// Commits that overlap: the next is decided while the one before it is not on disk yet.
#include "storage/log_writer.h"

#include "storage/engine/crash_file_system.h"
#include "tests/storage/store_fixture.h"

namespace daybook {
namespace {

using namespace test;

class LogWriterTest : public StoreTest {
 protected:
  PendingCommit decide(std::vector<Job*> jobs) {
    PendingCommit commit = writer().begin();
    for (Job* job : jobs) writer().decide(*job, commit);
    writer().seal(commit);
    return commit;
  }
  void end(PendingCommit& commit) {
    writer().sync(commit);
    writer().finish(commit);
  }
  LogWriter& writer() { return store_->writer(); }
  std::vector<std::uint64_t> all() { return offsets_of(*read({.limit = 1000})); }
};

TEST_F(LogWriterTest, ReadersSeeNothingBeforeItIsOnDisk) {
  auto first = job_of({.events = {{}, {}}});
  auto second = job_of({.events = {{}}});
  PendingCommit one = decide({first.get()});
  PendingCommit two = decide({second.get()});
  EXPECT_EQ(Offset{0}, store_->committed());
  writer().sync(one);
  EXPECT_EQ(Offset{0}, store_->written());
  writer().finish(one);
  EXPECT_EQ(Offset{2}, store_->written());
  EXPECT_EQ((std::vector<std::uint64_t>{1, 2}), all());
  EXPECT_EQ(Sequence{2}, store_->aggregates().find("thing", "1")->sequence);
  end(two);
  EXPECT_EQ((std::vector<std::uint64_t>{1, 2, 3}), all());
  EXPECT_EQ(Sequence{3}, store_->aggregates().find("thing", "1")->sequence);
}

TEST_F(LogWriterTest, ACommitIsDecidedAgainstWhatTheOneBeforeItWillHaveWritten) {
  const Condition no_tag = MatchCheck{.fail_if_match = {.tags = {"t"}}, .after = Offset{0}};
  auto winner = job_of({.events = {{.id = "a", .expected = exactly(0), .tags = {"t"}}}});
  auto late = job_of({.events = {{.expected = exactly(0)}}});
  auto again = job_of({.events = {{.id = "a", .expected = exactly(0), .tags = {"t"}}}});
  auto matched = job_of({.events = {{.aggregate_id = "2"}}, .conditions = {no_tag}});
  auto after = job_of({.events = {{.expected = exactly(1)}}});
  PendingCommit one = decide({winner.get()});
  PendingCommit two = decide({late.get(), again.get(), matched.get(), after.get()});
  end(one);
  end(two);
  EXPECT_EQ("sequence_conflict", code_of(late->result));
  ASSERT_EQ("ok", code_of(again->result));
  EXPECT_EQ(Offset{1}, again->result->repeat->first);
  EXPECT_EQ("condition_failed", code_of(matched->result));
  ASSERT_EQ("ok", code_of(after->result));
  EXPECT_EQ(Offset{2}, after->result->placed.front().offset);
}

TEST_F(LogWriterTest, AGroupShowsWhatItsOwnCommitMadeOfIt) {
  append_events(5);
  ASSERT_EQ("ok", code_of(command(PutGroup{.group = "g"})));
  Job to_2{.command = CommitOffset{.group = "g", .offset = {2}}};
  Job to_4{.command = CommitOffset{.group = "g", .offset = {4}}};
  PendingCommit one = decide({&to_2});
  PendingCommit two = decide({&to_4});
  EXPECT_EQ(Offset{0}, store_->groups().find("g")->committed);
  end(one);
  EXPECT_EQ(Offset{2}, store_->groups().find("g")->committed);
  end(two);
  EXPECT_EQ(Offset{4}, store_->groups().find("g")->committed);
}

TEST_F(LogWriterTest, ASegmentIsPostedOnceAllOfItIsCommitted) {
  auto first = job_of({.events = std::vector<Event>(options_.chunk_events - 1)});
  auto second = job_of({.events = std::vector<Event>(options_.chunk_events)});
  auto third = job_of({.events = {{}}});
  PendingCommit one = decide({first.get()});
  PendingCommit two = decide({second.get()});  // fills the segment that `one` began
  end(one);
  EXPECT_FALSE(*store_->post_next());
  PendingCommit three = decide({third.get()});  // begins the next segment
  EXPECT_FALSE(*store_->post_next());
  end(two);
  EXPECT_TRUE(*store_->post_next());
  end(three);
  EXPECT_EQ(Offset{2 * options_.chunk_events - 1}, store_->index().posted());
  EXPECT_EQ(2 * options_.chunk_events, all().size());
  for (Offset at{1}; at <= store_->committed(); at = at + 1)
    EXPECT_EQ("ok", code_of(store_->reader().find(at, engine::Tier::disk))) << at.value;
}

TEST_F(LogWriterTest, AfterAFailedSyncTheNextCommitIsNotWritten) {
  store_.reset();
  TempDir fresh;
  engine::CrashFileSystem disk(fresh.path() + "/scratch");
  options_.data_dir = fresh.path() + "/data";
  options_.file_system = &disk;
  open();
  append_events(1);
  auto first = job_of({.events = {{}}});
  auto second = job_of({.events = {{}}});
  PendingCommit one = decide({first.get()});
  PendingCommit two = decide({second.get()});
  disk.plan({.on = engine::Fault::On::sync, .nth = 1, .path_contains = "/book/"});
  writer().sync(one);
  const auto written = disk.counts();
  writer().finish(one);
  end(two);
  EXPECT_EQ("io_failed", code_of(first->result));
  EXPECT_EQ("io_failed", code_of(second->result));
  EXPECT_EQ(written.appends, disk.counts().appends) << "what follows a failed sync is not written";
  EXPECT_TRUE(store_->failed());
  EXPECT_EQ(Offset{1}, store_->committed());
  auto third = job_of({.events = {{}}});
  EXPECT_EQ("io_failed", code_of(apply(*third)));
  store_.reset();  // before its file system
}

}  // namespace
}  // namespace daybook
