// What is left of a queue after a restart, a reset, another filter.
#include "tests/storage/queue/script.h"

namespace daybook {
namespace {

using namespace std::chrono_literals;
using namespace test;
using QueueRecovery = QueueScript;

TEST_F(QueueRecovery, LeasesOutliveTheDaemonAndTheirEndIsNoFailure) {
  log({"a", "b"});
  fetch("ann");
  pass(9s);
  restart();
  pass(9s);
  EXPECT_EQ("", ack("ann", {{Offset{1}, 1}}));
  pass(1s);
  EXPECT_EQ("2@2", fetch("bob")) << "at once: nothing failed";
}

TEST_F(QueueRecovery, AMemberThatIsLostAfterARestartFailedNothingOfBefore) {
  log({"a"});
  fetch("ann");
  restart();
  lose("ann");
  EXPECT_EQ("1@2", fetch("bob")) << "at once: nothing failed";
}

TEST_F(QueueRecovery, FailuresAndBackOffOutliveTheDaemon) {
  log({"a"});
  fetch("ann");
  nack("ann", 1, {.reason = "first"});
  restart();
  EXPECT_EQ("", fetch("ann"));
  pass(1s);
  kill("ann", 1);
  EXPECT_EQ("first", rig().dead_letters().at(Offset{1}).failures.front().reason);
}

TEST_F(QueueRecovery, AcksOutOfOrderOutliveTheDaemon) {
  log({"a", "b", "c"});
  fetch("ann");
  ack("ann", {2, 3});
  restart();
  leave("ann");
  EXPECT_EQ("1@2", fetch("ann"));
  ack("ann", {1});
  EXPECT_EQ(Offset{3}, view().committed);
  EXPECT_EQ(3u, view().acked);
}

TEST_F(QueueRecovery, WhatWasNotCommittedWasNeverTold) {
  log({"a"});
  std::vector<Demand> ann = {{"ann", 1}};
  rig().turn(rig().gather(10), ann);
  restart();
  EXPECT_EQ("1@1", fetch("ann"));
}

TEST_F(QueueRecovery, ResetDeliversAgainWithHigherAttempts) {
  log({"a", "b"});
  fetch("ann");
  ack("ann", {1});
  reset(Offset{});
  EXPECT_EQ(Offset{}, view().committed);
  EXPECT_EQ("2", ack("ann", {{Offset{2}, 1}})) << "its lease has ended";
  EXPECT_EQ("1@2 2@2", fetch("ann"));
}

TEST_F(QueueRecovery, ResetForwardFinishesEverythingBelow) {
  log({"a", "b", "c"});
  fetch("ann");
  reset(Offset{2});
  EXPECT_EQ(Offset{2}, view().committed);
  EXPECT_EQ("3@2", fetch("ann"));
}

TEST_F(QueueRecovery, AnotherFilterHoldsAboveTheCommittedOffset) {
  log({"a", "b", "c"});
  fetch("ann");
  ack("ann", {1, 3});
  rig().append("d", "other");
  GroupRow group = rig().group();
  group.settings.filter.event_types = {"other"};
  change(group);
  EXPECT_EQ("2", ack("ann", {{Offset{2}, 1}})) << "its lease has ended";
  EXPECT_EQ("4@2", fetch("ann"));
  ack("ann", {4});
  EXPECT_EQ(Offset{4}, view().committed);
}

TEST_F(QueueRecovery, WhatWasReadForAnotherFilterIsNotAdmitted) {
  log({"a"});
  fetch("ann");
  rig().append("b");
  const QueueTurn stale = rig().gather(10);
  rig().reset(Offset{});
  std::vector<Demand> ann = {{"ann", 10}};
  EXPECT_TRUE(rig().turn(stale, ann).deliveries.empty());
}

TEST_F(QueueRecovery, WhatIsReadAgainIsWhatWasThroughThousandsOfRows) {
  begin({.order = GroupOrder::none, .max_in_flight = 100'000, .max_unfinished = 100'000});
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    log({"a"});
    fetch("ann");
    if (i % 3 != 0) ack("ann", {i});
    if (i % 50 == 0) nack("ann", i / 50 * 3);
    const auto recovered = Queue::recover(rig().group(), rig().stored_rows(), rig().now());
    ASSERT_TRUE(recovered) << recovered.error().detail;
    const QueueView& again = (*recovered)->view();
    ASSERT_EQ(view().committed, again.committed);
    ASSERT_EQ(view().unfinished, again.unfinished);
    ASSERT_EQ(view().in_flight, again.in_flight);
    ASSERT_EQ(view().acked, again.acked);
  }
  EXPECT_EQ(257u, rig().stored_rows().size()) << "the slots were never used up";
}

TEST_F(QueueRecovery, AMissingRowIsDamage) {
  log({"a"});
  fetch("ann");
  ack("ann", {1});
  log({"b"});
  fetch("ann");
  const std::vector<QueueRow> rows = rig().stored_rows();
  ASSERT_LE(4u, rows.size());
  for (std::size_t missing = 0; missing + 1 < rows.size(); ++missing) {
    std::vector<QueueRow> left = rows;
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(missing));
    const auto recovered = Queue::recover(rig().group(), left, rig().now());
    ASSERT_FALSE(recovered) << "without row " << missing;
    EXPECT_EQ(Errc::corrupted, recovered.error().code);
  }
}

}  // namespace
}  // namespace daybook
