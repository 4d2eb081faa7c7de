#include "storage/groups.h"

#include <gtest/gtest.h>

#include "tests/storage/samples.h"

namespace daybook {
namespace {

using test::code_of;
using test::describe;

constexpr Offset kHead{100};

class GroupsTest : public testing::Test {
 protected:
  GroupsTest() {
    auto opened = Book::open({.data_dir = dir_.path(), .new_log_id = LogId{1}});
    EXPECT_TRUE(opened);
    book_ = std::move(*opened);
  }

  test::TempDir dir_;
  std::unique_ptr<Book> book_;
  Groups groups_{{}};

  // The end of a commit, on disk.
  void publish() {
    Commit commit = book_->new_commit();
    auto changes = groups_.take_changes(commit);
    EXPECT_EQ("ok", code_of(book_->write(commit, Offset{0})));
    groups_.publish(std::move(changes));
  }

  Result<Groups::Changed> put(GroupSettings settings = {},
                              std::optional<std::uint64_t> revision = {}, bool any = false) {
    return groups_.put({.group = "g",
                        .settings = std::move(settings),
                        .if_revision = revision,
                        .if_any_revision = any},
                       Offset{40});
  }
  Result<Groups::Changed> commit(std::uint64_t offset,
                                 std::optional<std::uint64_t> generation = {}) {
    return groups_.commit({"g", Offset{offset}, generation}, kHead);
  }
  GroupRow row() {
    publish();
    return *groups_.find("g");
  }
};

TEST_F(GroupsTest, ANewGroupBeginsAtItsStart) {
  auto created = put();
  ASSERT_TRUE(created);
  EXPECT_TRUE(created->is_new);
  EXPECT_EQ(Offset{40}, row().committed);
  EXPECT_EQ(0u, row().generation);
  EXPECT_EQ(1u, row().revision);
  EXPECT_EQ("", row().active_member);
}

TEST_F(GroupsTest, ReadersSeeAChangeOnceItIsPublished) {
  ASSERT_TRUE(put());
  EXPECT_FALSE(groups_.find("g"));
  publish();
  ASSERT_TRUE(commit(50));
  EXPECT_EQ(Offset{40}, groups_.find("g")->committed);
  publish();
  EXPECT_EQ(Offset{50}, groups_.find("g")->committed);
  ASSERT_TRUE(groups_.remove("g"));
  EXPECT_EQ(1u, groups_.all().size());
  publish();
  EXPECT_TRUE(groups_.all().empty());
}

TEST_F(GroupsTest, TheSameSettingsAgainChangeNothing) {
  ASSERT_TRUE(put({.member_timeout_ms = 5000}));
  auto again = put({.member_timeout_ms = 5000});
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->is_new);
  EXPECT_FALSE(again->differs);
  EXPECT_EQ(1u, row().revision);
}

TEST_F(GroupsTest, WhatIsFixedStays) {
  ASSERT_TRUE(put());
  EXPECT_EQ("group_exists", code_of(put({.start = FromHead{}})));
  EXPECT_EQ("group_exists", code_of(put({.mode = GroupMode::queue}, 1)));
  EXPECT_EQ("group_exists", code_of(put({.start = Offset{0}}, {}, true)));
}

TEST_F(GroupsTest, OtherSettingsNeedTheRevision) {
  ASSERT_TRUE(put());
  const GroupSettings other{.filter = {.tags = {"red"}}};
  EXPECT_EQ("precondition_required", code_of(put(other)));
  EXPECT_EQ("precondition_failed", code_of(put(other, 2)));
  ASSERT_TRUE(put(other, 1));
  EXPECT_EQ(2u, row().revision);
  EXPECT_EQ(other, row().settings);
  ASSERT_TRUE(put({}, {}, true));
  EXPECT_EQ(3u, row().revision);
}

TEST_F(GroupsTest, ChangedSettingsKeepThePlace) {
  ASSERT_TRUE(put());
  ASSERT_TRUE(groups_.take({"g", "m"}));
  ASSERT_TRUE(commit(60));
  ASSERT_TRUE(put({.member_timeout_ms = 1000}, {}, true));
  EXPECT_EQ(Offset{60}, row().committed);
  EXPECT_EQ(1u, row().generation);
  EXPECT_EQ("m", row().active_member);
}

TEST_F(GroupsTest, ARevisionOfAGroupThatIsNotThereFails) {
  EXPECT_EQ("precondition_failed", code_of(put({}, 1)));
  EXPECT_EQ("precondition_failed", code_of(put({}, {}, true)));
}

TEST_F(GroupsTest, CommitsMoveForwardUpToTheHead) {
  ASSERT_TRUE(put());
  EXPECT_EQ("ok", code_of(commit(kHead.value)));
  EXPECT_EQ("beyond_head", code_of(commit(kHead.value + 1)));
  EXPECT_EQ("commit_backwards", code_of(commit(kHead.value - 1)));
  EXPECT_EQ(kHead, row().committed);
}

TEST_F(GroupsTest, TheSameCommitAgainWritesNothing) {
  ASSERT_TRUE(put());
  EXPECT_TRUE(commit(41)->differs);
  EXPECT_FALSE(commit(41)->differs);
}

TEST_F(GroupsTest, AnOlderGenerationIsFenced) {
  ASSERT_TRUE(put());
  ASSERT_TRUE(groups_.take({"g", "a"}));
  ASSERT_TRUE(groups_.take({"g", "b"}));
  EXPECT_EQ("fenced", code_of(commit(50, 1)));
  EXPECT_EQ("fenced", code_of(commit(50, 3)));
  EXPECT_EQ("ok", code_of(commit(50, 2)));
  EXPECT_EQ("ok", code_of(commit(51)));
}

TEST_F(GroupsTest, FencedComesBeforeWhatTheOffsetIs) {
  ASSERT_TRUE(put());
  EXPECT_EQ("fenced", code_of(commit(1, 9)));
  EXPECT_EQ("fenced", code_of(commit(1000, 9)));
}

TEST_F(GroupsTest, CheckingChangesNothing) {
  ASSERT_TRUE(put());
  EXPECT_EQ("ok", code_of(groups_.check({"g", Offset{50}, {}}, kHead)));
  EXPECT_EQ("beyond_head", code_of(groups_.check({"g", Offset{101}, {}}, kHead)));
  EXPECT_EQ("unknown_group", code_of(groups_.check({"h", Offset{50}, {}}, kHead)));
  EXPECT_EQ(Offset{40}, row().committed);
}

TEST_F(GroupsTest, TakingOverRaisesTheGeneration) {
  ASSERT_TRUE(put());
  EXPECT_EQ(1u, groups_.take({"g", "a"})->row.generation);
  auto again = groups_.take({"g", "a"});
  EXPECT_FALSE(again->differs);
  EXPECT_EQ(1u, again->row.generation);
  EXPECT_EQ(2u, groups_.take({"g", "b"})->row.generation);
}

TEST_F(GroupsTest, AResetMovesBackAndFencesWhoReads) {
  ASSERT_TRUE(put());
  ASSERT_TRUE(groups_.take({"g", "a"}));
  ASSERT_TRUE(commit(90));
  ASSERT_TRUE(groups_.reset({"g", FromBeginning{}}, Offset{0}));
  EXPECT_EQ(Offset{0}, row().committed);
  EXPECT_EQ("", row().active_member);
  EXPECT_EQ("fenced", code_of(commit(91, 1)));
}

TEST_F(GroupsTest, NothingCanBeDoneToAGroupThatIsNotThere) {
  EXPECT_EQ("unknown_group", code_of(commit(1)));
  EXPECT_EQ("unknown_group", code_of(groups_.reset({"g", FromHead{}}, kHead)));
  EXPECT_EQ("unknown_group", code_of(groups_.take({"g", "a"})));
  EXPECT_EQ("unknown_group", code_of(groups_.remove("g")));
}

TEST_F(GroupsTest, ADeletedGroupBeginsAnew) {
  ASSERT_TRUE(put());
  ASSERT_TRUE(groups_.take({"g", "a"}));
  ASSERT_TRUE(groups_.remove("g"));
  EXPECT_EQ("unknown_group", code_of(commit(50)));
  EXPECT_TRUE(put({.start = FromHead{}})->is_new);
  EXPECT_EQ(0u, row().generation);
}

TEST_F(GroupsTest, RowsOfBeforeAreThere) {
  GroupRow before{.committed = Offset{7}, .generation = 3, .active_member = "a", .revision = 2};
  Groups groups({{"g", before}});
  EXPECT_EQ(describe(before), describe(*groups.find("g")));
  EXPECT_EQ(3u, groups.commit({"g", Offset{8}, 3}, kHead)->row.generation);
}

}  // namespace
}  // namespace daybook
