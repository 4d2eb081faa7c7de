// Where rules meet.
#include "tests/storage/queue/script.h"

namespace daybook {
namespace {

using namespace std::chrono_literals;
using namespace test;
using QueueCorner = QueueScript;

TEST_F(QueueCorner, ADeadLetterRetriedDuringALaterLeaseIsNextWhenThatFails) {
  log({"a", "a"});
  kill("ann", 1);
  EXPECT_EQ("2@1", fetch("ann"));
  retry(1);
  EXPECT_EQ("", fetch("bob")) << "one lease for each aggregate";
  nack("ann", 2);
  EXPECT_EQ("1@2", fetch("bob"));
}

TEST_F(QueueCorner, AnEventThatIsToBeBuriedIsNotSetAside) {
  begin({.block_aggregate = true});
  log({"a", "a", "a"});
  GroupRow group = rig().group();
  group.settings.queue.block_aggregate = false;
  change(group);
  kill("ann", 1);
  fetch("ann");
  retry(1);
  group.settings.queue.block_aggregate = true;
  change(group);
  // Both fail for good before either is buried.
  std::vector<Demand> ann = {{"ann", 1}};
  const NackLeases give_up{.member = "ann", .action = NackAction::dead_letter};
  for (const std::uint64_t offset : {2, 1}) {
    NackLeases nack = give_up;
    nack.leases = {{Offset{offset}, std::nullopt}};
    rig().turn({"group", std::nullopt, {nack}}, ann);
  }
  settle();
  EXPECT_EQ(2u, view().dead_letters);
  EXPECT_EQ(1u, view().set_aside);
}

TEST_F(QueueCorner, ADeadLetterIsSettledOnceInACommit) {
  log({"a"});
  kill("ann", 1);
  const DiscardDeadLetters discard{{Offset{1}}};
  const RetryDeadLetters retry{{{{Offset{1}, rig().lane(Offset{1})}, 1}}};
  std::vector<Demand> nobody;
  const auto result = rig().turn({"group", std::nullopt, {discard, discard, retry}}, nobody);
  rig().commit();
  EXPECT_TRUE(result.steps[0].refused.empty());
  EXPECT_EQ(1u, result.steps[1].refused.size());
  EXPECT_EQ(1u, result.steps[2].refused.size());
  EXPECT_EQ(0u, view().dead_letters);
  EXPECT_EQ(1u, view().skipped);
}

TEST_F(QueueCorner, AttemptsOfADeadLetterFromBeforeAResetGoOnAboveAll) {
  log({"a"});
  kill("ann", 1);
  reset(Offset{});
  EXPECT_EQ("1@2", fetch("ann"));
  ack("ann", {1});
  retry(1);
  EXPECT_EQ("1@3", fetch("ann"));
}

TEST_F(QueueCorner, AProbeThatWaitsForCreditsIsNotDueAgainAndAgain) {
  begin({.order = GroupOrder::none, .breaker_window = 1, .breaker_ratio = 0.5});
  log({"a", "b"});
  fetch("ann", 1);
  nack("ann", 1, {.delay = 1h});
  pass(1min);
  ASSERT_TRUE(rig().outlook().next_due);
  EXPECT_LT(rig().now().steady, *rig().outlook().next_due);
}

TEST_F(QueueCorner, NothingIsReleasedBeyondWhatWasReadAgainAfterARestart) {
  begin({.block_aggregate = true});
  log({"a", "b", "a"});
  GroupRow group = rig().group();
  group.settings.queue.max_in_flight = 1;
  change(group);
  kill("ann", 1);
  ASSERT_TRUE(rig().restart(1));
  // The dead letter is settled before 2 and 3 are read again.
  std::vector<Demand> nobody;
  const auto result =
      rig().turn({"group", std::nullopt, {DiscardDeadLetters{{Offset{1}}}}}, nobody);
  for (const HeldRange& range : result.outlook.to_release)
    EXPECT_LE(range.upto, result.outlook.examined);
  EXPECT_EQ("2@1", fetch("ann"));
  ack("ann", {2});
  EXPECT_EQ("3@1", fetch("ann"));
  ack("ann", {3});
  EXPECT_EQ("", fetch("ann"));
  EXPECT_EQ(2u, view().acked);
}

TEST_F(QueueCorner, AResetDuringAReleaseLosesNothing) {
  begin({.block_aggregate = true, .max_unfinished = 3});
  log({"a", "a", "a", "a", "a", "a"});
  kill("ann", 1);
  std::vector<Demand> nobody;
  rig().turn({"group", std::nullopt, {DiscardDeadLetters{{Offset{1}}}}}, nobody);
  rig().turn(rig().gather(2), nobody);
  rig().commit();
  ASSERT_EQ(3u, view().set_aside) << "two of five were released";
  reset(Offset{1});
  for (std::uint64_t offset = 2; offset <= 6; ++offset) {
    EXPECT_EQ(0u, fetch("ann").find(std::to_string(offset) + "@")) << offset;
    ack("ann", {offset});
  }
  EXPECT_EQ(Offset{6}, view().committed);
  EXPECT_EQ(0u, view().set_aside);
}

TEST_F(QueueCorner, AnotherFilterLeavesWhatWasReleasedInTheQueue) {
  begin({.block_aggregate = true});
  log({"a", "a"});
  kill("ann", 1);
  discard(1);
  ASSERT_EQ(Offset{2}, view().committed) << "2 was set aside, and holds nothing back";
  GroupRow group = rig().group();
  group.settings.filter.event_types = {"wanted"};
  change(group);
  EXPECT_EQ("2@2", fetch("ann")) << "above all attempts under the other filter";
}

TEST_F(QueueCorner, AResetAndAnotherFilterInOneCommitBothHold) {
  log({"a", "b"});
  fetch("ann");
  ack("ann", {1, 2});
  GroupRow group = rig().group();
  group.settings.filter.event_types = {"wanted"};
  rig().reset(Offset{});
  change(group);
  EXPECT_EQ(Offset{}, view().committed);
}

TEST_F(QueueCorner, WhatWasFinishedLongBeforeIsNotReleased) {
  log({"a", "a"});
  kill("ann", 1);
  fetch("ann");
  ack("ann", {2});
  GroupRow group = rig().group();
  group.settings.queue.block_aggregate = true;
  change(group);
  retry(1);
  kill("ann", 1);
  log({"a"});
  EXPECT_EQ(1u, view().set_aside);
  discard(1);
  EXPECT_EQ(0u, fetch("ann").find("3@"));
}

TEST_F(QueueCorner, ALateStampDoesNotTurnTheClockBack) {
  log({"a"});
  rig().pass(-1s);
  fetch("ann");
  rig().pass(1s);
  pass(9999ms);
  EXPECT_EQ("", ack("ann", {1})) << "its lease began when its turn was taken";
}

}  // namespace
}  // namespace daybook
