// An append that finishes deliveries: both happen, or neither.
#include "tests/storage/queue_fixture.h"

namespace daybook {
namespace {

using namespace test;
using Offsets = std::vector<std::uint64_t>;

class AppendAckTest : public QueueStoreTest {
 protected:
  AppendAckTest() {
    append_events(5);
    EXPECT_TRUE(command(queue("q")));
    EXPECT_EQ((Offsets{1, 2, 3}), deliver("q", 3));
  }

  Request acking(const std::vector<std::uint64_t>& offsets, const std::string& id = "") {
    Request request{.events = {{.id = id}}};
    request.ack = AckWithAppend{.group = "q", .leases = leases_on<AckLeases>(offsets)};
    return request;
  }
};

TEST_F(AppendAckTest, FinishesItsDeliveriesInItsOwnCommit) {
  auto done = append(acking({1, 2}));
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(Offset{6}, done->placed.front().offset);
  for (int times = 0; times < 2; ++times) {
    EXPECT_EQ(2u, committed("q"));
    EXPECT_EQ(1u, view("q").in_flight);
    EXPECT_EQ(Offset{6}, store_->committed());
    open();
  }
}

TEST_F(AppendAckTest, OneLeaseThatIsGoneRefusesAll) {
  ASSERT_EQ(Offsets{}, ack("q", {2}));
  EXPECT_EQ("lease_expired", code_of(append(acking({1, 2, 3}))));
  EXPECT_EQ("lease_expired", code_of(append(acking({4})))) << "it was never delivered";
  Request other = acking({1});
  other.ack->leases.member = "other";
  EXPECT_EQ("lease_expired", code_of(append(other)));
  Request older = acking({1});
  older.ack->leases.leases.front().attempt = 2;
  EXPECT_EQ("lease_expired", code_of(append(older)));
  EXPECT_EQ(Offset{5}, store_->committed());
  EXPECT_EQ(2u, view("q").in_flight);
  EXPECT_EQ(0u, committed("q"));
}

TEST_F(AppendAckTest, WhereNoQueueIsNothingIsWritten) {
  ASSERT_TRUE(command(PutGroup{.group = "g"}));
  Request request = acking({1});
  request.ack->group = "g";
  EXPECT_EQ("wrong_mode", code_of(append(request)));
  request.ack->group = "nobody";
  EXPECT_EQ("unknown_group", code_of(append(request)));
  EXPECT_EQ(Offset{5}, store_->committed());
}

TEST_F(AppendAckTest, AConflictLeavesTheLease) {
  Request request = acking({1});
  request.events.front().expected = exactly(99);
  EXPECT_EQ("sequence_conflict", code_of(append(request)));
  EXPECT_EQ(3u, view("q").in_flight);
}

TEST_F(AppendAckTest, OfTwoInOneCommitTheFirstHasTheLease) {
  auto first = job_of(acking({1}));
  auto second = job_of(acking({1, 2}));
  Job* both[] = {first.get(), second.get()};
  store_->apply(both);
  EXPECT_EQ("ok", code_of(first->result));
  EXPECT_EQ("lease_expired", code_of(second->result));
  EXPECT_EQ(Offset{6}, store_->committed());
  EXPECT_EQ(2u, view("q").in_flight);
}

TEST_F(AppendAckTest, ALeaseHoldsUntilATurnEndsIt) {
  now_.steady += std::chrono::hours(1);
  Request late = acking({1});
  ASSERT_TRUE(append(late));
  ASSERT_TRUE(turn("q"));
  EXPECT_EQ("lease_expired", code_of(append(acking({2}))));
}

TEST_F(AppendAckTest, ARepeatIsARepeatThoughItsLeasesAreGone) {
  ASSERT_TRUE(append(acking({1, 2}, "a")));
  auto again = append(acking({1, 2}, "a"));
  ASSERT_TRUE(again);
  EXPECT_EQ(Offset{6}, again->repeat->first);
  EXPECT_EQ(Offset{6}, store_->committed());
  EXPECT_EQ(1u, view("q").in_flight);
}

TEST_F(AppendAckTest, ARepeatFinishesWhatIsLeasedAgain) {
  ASSERT_TRUE(append(acking({1}, "a")));
  ASSERT_TRUE(command(ResetGroup{.group = "q", .to = FromBeginning{}}));
  ASSERT_EQ((Offsets{1, 2}), deliver("q", 2));
  auto again = append(acking({1}, "a"));
  ASSERT_TRUE(again && again->repeat);
  EXPECT_EQ(1u, committed("q"));
  Request both = acking({1, 2}, "a");
  ASSERT_TRUE(append(both));
  EXPECT_EQ(1u, committed("q")) << "all of it, or nothing";
}

TEST_F(AppendAckTest, WorksWithAReplayAndBesideACommit) {
  CreateReplay create{.id = "r"};
  create.settings = queue("").settings;
  ASSERT_TRUE(command(create));
  ASSERT_EQ(Offsets{1}, deliver(replay_name("r"), 1));
  ASSERT_TRUE(command(PutGroup{.group = "g"}));
  Request request = acking({1});
  request.ack->group = replay_name("r");
  request.ack->replay_of = "q";
  EXPECT_EQ("not_found", code_of(append(request))) << "it goes to nobody's group";
  request.ack->replay_of.clear();
  request.commit = CommitOffset{.group = "g", .offset = Offset{4}};
  ASSERT_TRUE(append(request));
  EXPECT_EQ(1u, committed(replay_name("r")));
  EXPECT_EQ(4u, committed("g"));
  EXPECT_EQ(0u, committed("q"));
}

}  // namespace
}  // namespace daybook
