// What apply, posting and reopening promise together.
#include "storage/store.h"

#include <filesystem>

#include "tests/storage/store_fixture.h"

namespace daybook {
namespace {

using namespace test;

class ApplyTest : public StoreTest {
 protected:
  std::vector<std::string> everything() {
    std::vector<std::string> all;
    for (std::uint64_t i = 1; i <= store_->committed().value; ++i)
      all.push_back(describe(store_->reader().find({i}, engine::Tier::disk)->events[0]));
    return all;
  }
};

TEST_F(ApplyTest, AnEmptyStoreHasNothing) {
  EXPECT_EQ(Offset{0}, store_->committed());
  EXPECT_TRUE(read({})->events.empty());
  EXPECT_EQ("not_found", code_of(store_->aggregates().find("thing", "1")));
  EXPECT_TRUE(store_->aggregates().list({})->aggregates.empty());
  EXPECT_TRUE(store_->groups().all().empty());
  EXPECT_FALSE(*store_->post_next());
  EXPECT_EQ("ok", code_of(store_->post_all()));
  open();
  EXPECT_EQ(Offset{0}, store_->committed());
}

TEST_F(ApplyTest, NothingToDoWritesNothing) {
  store_->apply({});
  EXPECT_EQ(Offset{0}, store_->committed());
  EXPECT_FALSE(store_->failed());
}

TEST_F(ApplyTest, TheSameCommandsMakeTheSameLog) {
  const auto run = [&] {
    append_events(3, {.aggregate_id = "a", .tags = {"red"}});
    EXPECT_EQ("ok", code_of(append({.events = {{}, {}}, .randomness = 99})));
    return everything();
  };
  const auto first = run();
  store_.reset();
  std::filesystem::remove_all(dir_.path());
  open();
  EXPECT_EQ(first, run());
}

TEST_F(ApplyTest, AnAppendOfManyBlocksIsWhole) {
  Request request;
  for (int i = 0; i < 40; ++i)
    request.events.push_back(
        {.aggregate_id = std::to_string(i % 3), .payload = "\"" + std::string(20'000, 'x') + "\""});
  ASSERT_EQ("ok", code_of(append(request)));
  const auto before = everything();
  EXPECT_EQ(40u, before.size());
  post();
  EXPECT_EQ(before, everything());
  open();
  EXPECT_EQ(before, everything());
  EXPECT_EQ(Sequence{14}, store_->aggregates().find("thing", "0")->sequence);
}

TEST_F(ApplyTest, WhatWasPostedIsNotReadAgainAtStart) {
  append_events(40);
  post();
  const Offset posted = store_->index().posted();
  EXPECT_EQ(Offset{40}, posted);
  open();
  EXPECT_EQ(posted, store_->index().posted());
  EXPECT_EQ(posted + 1, store_->window().first());
}

TEST_F(ApplyTest, ACleanStopPostsEverything) {
  append_events(11);
  ASSERT_EQ("ok", code_of(store_->post_all()));
  EXPECT_EQ(Offset{11}, store_->index().posted());
  append_events(1);
  open();
  EXPECT_EQ(Offset{11}, store_->index().posted());
  EXPECT_EQ(Sequence{12}, store_->aggregates().find("thing", "1")->sequence);
}

TEST_F(ApplyTest, TheIndexIsBehindOnceTooMuchIsUnposted) {
  options_.window_bytes = 20'000;
  open();
  EXPECT_FALSE(store_->index_is_behind());
  append_events(40, {.payload = "\"" + std::string(1000, 'x') + "\""});
  EXPECT_TRUE(store_->index_is_behind());
  post();
  EXPECT_FALSE(store_->index_is_behind());
}

TEST_F(ApplyTest, TheHeadMarkIsOnDiskOnceSynced) {
  append_events(3);
  EXPECT_EQ("ok", code_of(store_->sync_head_mark()));
  EXPECT_EQ(Offset{3}, (*HeadMark::open(dir_.path() + "/head"))->load().head);
}

TEST_F(ApplyTest, ADirectoryThatCannotBeMadeIsAnError) {
  options_.data_dir = "/proc/none/data";
  EXPECT_EQ("io_failed", code_of(Store::open(options_)));
}

TEST_F(ApplyTest, GroupCommandsInOneCommitAreInOrder) {
  Job put{.command = PutGroup{.group = "g"}};
  Job remove{.command = DeleteGroup{"g"}};
  Job again{.command = PutGroup{.group = "g", .settings = {.member_timeout_ms = 1000}}};
  Job take{.command = TakeGroup{"g", "m"}};
  Job* jobs[] = {&put, &remove, &again, &take};
  store_->apply(jobs);
  for (const Job* job : jobs) EXPECT_EQ("ok", code_of(job->result));
  const auto check = [&] {
    const auto row = store_->groups().find("g");
    ASSERT_TRUE(row);
    EXPECT_EQ(1000u, row->settings.member_timeout_ms);
    EXPECT_EQ("m", row->active_member);
  };
  check();
  open();
  check();
}

TEST_F(ApplyTest, ListsNoticeACursorThatIsNone) {
  append_events(1);
  for (const char* cursor : {"x", "0", "0g", "ABCD"}) {
    auto list = store_->aggregates().list({.after = cursor});
    EXPECT_EQ("bad_parameter", code_of(list)) << cursor;
  }
}

}  // namespace
}  // namespace daybook
