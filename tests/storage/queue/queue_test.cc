// The rules of a queue, one script each.
#include "storage/queue/queue.h"

#include "tests/storage/queue/script.h"

namespace daybook {
namespace {

using namespace std::chrono_literals;
using namespace test;
using QueueTest = QueueScript;

// Leases.

TEST_F(QueueTest, AnEventIsDeliveredOnceAndFinishedByItsAck) {
  log({"a", "b"});
  EXPECT_EQ("1@1 2@1", fetch("ann"));
  EXPECT_EQ("", fetch("bob"));
  EXPECT_EQ(2u, view().in_flight);
  EXPECT_EQ("", ack("ann", {1, 2}));
  EXPECT_EQ(Offset{2}, view().committed);
  EXPECT_EQ(2u, view().acked);
  EXPECT_EQ(Idle::caught_up, idle());
}

TEST_F(QueueTest, AMemberGetsNoMoreThanItsCredits) {
  log({"a", "b", "c"});
  EXPECT_EQ("1@1 2@1", fetch("ann", 2));
  EXPECT_EQ("3@1", fetch("ann", 2));
}

TEST_F(QueueTest, ASecondAckIsRefused) {
  log({"a"});
  fetch("ann");
  EXPECT_EQ("", ack("ann", {1}));
  EXPECT_EQ("1", ack("ann", {1}));
  EXPECT_EQ(1u, view().acked);
}

TEST_F(QueueTest, AnAckOfTheSameLeaseTwiceInOneRequestIsRefusedOnce) {
  log({"a"});
  fetch("ann");
  EXPECT_EQ("1", ack("ann", {1, 1}));
  EXPECT_EQ(1u, view().acked);
}

TEST_F(QueueTest, OnlyTheMemberThatHoldsALeaseMayFinishItWithoutAnAttempt) {
  log({"a"});
  fetch("ann");
  EXPECT_EQ("1", ack("bob", {1}));
  EXPECT_EQ("", ack("ann", {1}));
}

TEST_F(QueueTest, AnotherAttemptIsAnotherLease) {
  log({"a"});
  fetch("ann");
  pass(10s);
  pass(1s);
  EXPECT_EQ("1@2", fetch("ann"));
  EXPECT_EQ("1", ack("ann", {{Offset{1}, 1}}));
  EXPECT_EQ("1", ack("ann", {{Offset{1}, 3}}));
  EXPECT_EQ("", ack("ann", {{Offset{1}, 2}}));
}

TEST_F(QueueTest, WhatWasNeverDeliveredCannotBeAcked) {
  log({"a"});
  EXPECT_EQ("1 9", ack("ann", {1, 9}));
  EXPECT_EQ("1@1", fetch("ann"));
}

TEST_F(QueueTest, ALeaseEndsAfterTheAckTimeoutAndTheEventFails) {
  log({"a"});
  fetch("ann");
  pass(9999ms);
  EXPECT_EQ(1u, view().in_flight);
  pass(1ms);
  EXPECT_EQ(0u, view().in_flight);
  EXPECT_EQ("1", ack("ann", {1}));
  EXPECT_EQ("", fetch("bob")) << "it waits for its back-off";
  pass(1s);
  EXPECT_EQ("1@2", fetch("bob"));
}

TEST_F(QueueTest, ExtendGivesALeaseItsWholeAckTimeoutAgain) {
  log({"a"});
  fetch("ann");
  pass(9s);
  EXPECT_EQ("", extend("ann", 1));
  pass(9s);
  EXPECT_EQ("", ack("ann", {1}));
  EXPECT_EQ("1", extend("ann", 1));
}

TEST_F(QueueTest, LeasesExtendedInAnyOrderEndInTheirOwnTime) {
  log({"a", "b", "c"});
  fetch("ann", 1);
  pass(1s);
  fetch("ann", 1);
  pass(1s);
  fetch("ann", 1);
  pass(1s);
  extend("ann", 1);
  pass(8s);
  EXPECT_EQ(2u, view().in_flight) << "2 was due";
  pass(1s);
  EXPECT_EQ(1u, view().in_flight) << "3 was due";
  pass(1s);
  EXPECT_EQ(0u, view().in_flight);
}

TEST_F(QueueTest, ALostMemberFailsAndOneThatLeavesDoesNot) {
  log({"a"});
  fetch("ann");
  leave("ann");
  EXPECT_EQ("1@2", fetch("bob"));
  lose("bob");
  EXPECT_EQ("", fetch("cid"));
  pass(1s);
  EXPECT_EQ("1@3", fetch("cid"));
}

TEST_F(QueueTest, WhatAMemberWasNeverShownComesAgainAndHasNotFailed) {
  log({"a", "b"});
  fetch("ann");
  EXPECT_EQ("", step(ReleaseLeases{"ann", {{Offset{1}, 1}}}));
  EXPECT_EQ("1", step(ReleaseLeases{"ann", {{Offset{1}, 1}}})) << "once";
  EXPECT_EQ("1@2", fetch("bob"));
}

TEST_F(QueueTest, AnotherAckTimeoutHoldsForLeasesThatAreOpen) {
  log({"a"});
  fetch("ann");
  GroupRow group = rig().group();
  group.settings.queue.ack_timeout_ms = 2000;
  change(group);
  pass(2s);
  EXPECT_EQ(0u, view().in_flight);
}

// Order.

TEST_F(QueueTest, EventsOfOneAggregateComeOneAfterAnother) {
  log({"a", "a", "b"});
  EXPECT_EQ("1@1 3@1", fetch("ann"));
  EXPECT_EQ(Idle::aggregates_busy, idle());
  ack("ann", {3});
  EXPECT_EQ(Offset{}, view().committed);
  ack("ann", {1});
  EXPECT_EQ(Offset{1}, view().committed);
  EXPECT_EQ("2@1", fetch("bob"));
}

TEST_F(QueueTest, AnAggregateWaitsForTheBackOffOfItsEvent) {
  log({"a", "a"});
  fetch("ann");
  nack("ann", 1);
  EXPECT_EQ("", fetch("ann"));
  EXPECT_EQ(Idle::back_off, idle());
}

TEST_F(QueueTest, WithoutOrderNothingWaits) {
  begin({.order = GroupOrder::none});
  log({"a", "a", "a"});
  EXPECT_EQ("1@1 2@1 3@1", fetch("ann"));
}

TEST_F(QueueTest, SingleDeliversOneEventAtATime) {
  begin({.order = GroupOrder::single});
  log({"a", "b"});
  EXPECT_EQ("1@1", fetch("ann"));
  nack("ann", 1);
  EXPECT_EQ("", fetch("bob"));
  pass(1s);
  EXPECT_EQ("1@2", fetch("bob"));
  ack("bob", {1});
  EXPECT_EQ("2@1", fetch("ann"));
}

// Failures.

TEST_F(QueueTest, ANackWaitsForTheBackOffOfItsFailures) {
  begin({.max_deliveries = 4});
  log({"a"});
  fetch("ann");
  nack("ann", 1);
  pass(1s);
  EXPECT_EQ("1@2", fetch("ann"));
  nack("ann", 1);
  pass(4999ms);
  EXPECT_EQ("", fetch("ann"));
  pass(1ms);
  EXPECT_EQ("1@3", fetch("ann"));
  nack("ann", 1);
  pass(5s);
  EXPECT_EQ("1@4", fetch("ann")) << "the last step repeats";
}

TEST_F(QueueTest, ADelayOfTheNackWinsOverTheBackOff) {
  log({"a"});
  fetch("ann");
  nack("ann", 1, {.delay = 0ms});
  EXPECT_EQ("1@2", fetch("ann"));
  nack("ann", 1, {.delay = 60s});
  pass(59s);
  EXPECT_EQ("", fetch("ann"));
  pass(1s);
  EXPECT_EQ("1@3", fetch("ann"));
}

TEST_F(QueueTest, SkipFinishesAnEvent) {
  log({"a"});
  fetch("ann");
  nack("ann", 1, {.action = NackAction::skip});
  EXPECT_EQ(1u, view().skipped);
  EXPECT_EQ(Offset{1}, view().committed);
  EXPECT_TRUE(rig().dead_letters().empty());
}

TEST_F(QueueTest, TooManyFailuresMakeADeadLetterThatTellsAllOfThem) {
  log({"a", "a"});
  fetch("ann");
  nack("ann", 1, {.reason = "no such card"});
  pass(1s);
  fetch("bob");
  lose("bob");
  pass(5s);
  fetch("cid");
  pass(10s);
  const auto letters = rig().dead_letters();
  ASSERT_EQ(1u, letters.size());
  const DeadLetterFacts& facts = letters.at(Offset{1});
  ASSERT_EQ(3u, facts.failures.size());
  EXPECT_EQ("no such card", facts.failures[0].reason);
  EXPECT_EQ(FailureKind::disconnected, facts.failures[1].kind);
  EXPECT_EQ("cid", facts.failures[2].member);
  EXPECT_EQ(FailureKind::timeout, facts.failures[2].kind);
  EXPECT_EQ(3u, facts.attempts);
  EXPECT_EQ(Offset{1}, view().committed) << "it holds nothing back";
  EXPECT_EQ("2@1", fetch("ann"));
}

TEST_F(QueueTest, ADeadLetterIsStillTheQueuesUntilItIsBuried) {
  log({"a", "a"});
  fetch("ann");
  std::vector<Demand> nobody;
  NackLeases nack{.member = "ann", .leases = {{Offset{1}, 1}}, .action = NackAction::dead_letter};
  rig().turn({"group", std::nullopt, {nack}}, nobody);
  rig().commit();
  EXPECT_EQ(Offset{}, view().committed);
  EXPECT_TRUE(view().needs_driver);
  restart();
  EXPECT_EQ("2@1", fetch("ann"));
  EXPECT_EQ(1u, view().dead_letters);
}

TEST_F(QueueTest, ARetriedDeadLetterKeepsItsHistoryAndItsAttemptsGoOn) {
  log({"a"});
  kill("ann", 1);
  EXPECT_EQ("", retry(1));
  EXPECT_EQ("1", retry(1)) << "it is being retried";
  EXPECT_EQ("1", discard(1));
  kill("ann", 1);
  const auto letters = rig().dead_letters();
  ASSERT_EQ(2u, letters.at(Offset{1}).failures.size());
  EXPECT_EQ(2u, letters.at(Offset{1}).failures[1].attempt);
  EXPECT_EQ(1u, letters.at(Offset{1}).retried);
  EXPECT_EQ(1u, view().dead_letters);
}

TEST_F(QueueTest, ARetriedDeadLetterThatIsAckedIsGone) {
  log({"a"});
  kill("ann", 1);
  retry(1);
  EXPECT_EQ("1@2", fetch("ann"));
  EXPECT_EQ(1u, rig().dead_letters().size()) << "its row stays until it is finished";
  ack("ann", {1});
  EXPECT_TRUE(rig().dead_letters().empty());
  EXPECT_EQ(0u, view().dead_letters);
}

TEST_F(QueueTest, NothingIsDecidedOnADeadLetterThatWasSettledSinceItWasRead) {
  log({"a"});
  kill("ann", 1);
  std::vector<Demand> nobody;
  const TurnResult looked =
      rig().turn({"group", std::nullopt, {LookAtDeadLetters{{Offset{1}}}}}, nobody);
  const DeadLetterMoment seen_at = looked.steps.front().moment;
  retry(1);
  fetch("ann");
  ack("ann", {1});
  EXPECT_EQ("1", step(RetryDeadLetters{{{{Offset{1}, rig().lane(Offset{1})}, 3}}, seen_at}));
  EXPECT_EQ("1", step(DiscardDeadLetters{{Offset{1}}, seen_at}));
  EXPECT_EQ(0u, view().dead_letters);
  EXPECT_EQ("", fetch("ann"));
}

TEST_F(QueueTest, ADiscardedDeadLetterCountsAsSkipped) {
  log({"a"});
  kill("ann", 1);
  EXPECT_EQ("", discard(1));
  EXPECT_TRUE(rig().dead_letters().empty());
  EXPECT_EQ(1u, view().skipped);
}

// Aggregates behind a dead letter.

TEST_F(QueueTest, AnAggregateIsSetAsideBehindItsDeadLetterAndTheRestGoesOn) {
  begin({.block_aggregate = true});
  log({"a", "a", "b", "a"});
  kill("ann", 1);
  EXPECT_EQ(2u, view().set_aside);
  ack("ann", {3});
  EXPECT_EQ(Offset{4}, view().committed);
  log({"a"});
  EXPECT_EQ("", fetch("ann"));
  EXPECT_EQ(3u, view().set_aside);
  EXPECT_EQ(Idle::set_aside, idle());
}

TEST_F(QueueTest, ADiscardedDeadLetterReleasesItsAggregateInOrder) {
  begin({.block_aggregate = true});
  log({"a", "a", "b", "a"});
  kill("ann", 1);
  discard(1);
  EXPECT_EQ(0u, view().set_aside);
  EXPECT_EQ("2@1", fetch("bob"));
  ack("bob", {2});
  EXPECT_EQ("4@1", fetch("bob"));
}

TEST_F(QueueTest, ARetriedDeadLetterReleasesItsAggregateWhenItIsFinished) {
  begin({.block_aggregate = true});
  log({"a", "a"});
  kill("ann", 1);
  retry(1);
  EXPECT_EQ("1@2", fetch("bob"));
  EXPECT_EQ(1u, view().set_aside);
  ack("bob", {1});
  EXPECT_EQ("2@1", fetch("bob"));
}

TEST_F(QueueTest, AReleasedAggregateMayBeSetAsideAgain) {
  begin({.block_aggregate = true});
  log({"a", "a", "a"});
  kill("ann", 1);
  discard(1);
  kill("ann", 2);
  EXPECT_EQ(1u, view().set_aside);
  EXPECT_EQ("", fetch("ann"));
  discard(2);
  EXPECT_EQ("3@1", fetch("ann"));
}

// Limits.

TEST_F(QueueTest, OpenLeasesAreLimited) {
  begin({.max_in_flight = 2});
  log({"a", "b", "c"});
  EXPECT_EQ("1@1 2@1", fetch("ann"));
  EXPECT_EQ(Idle::in_flight_limit, idle());
  ack("ann", {2});
  EXPECT_EQ("3@1", fetch("ann"));
}

TEST_F(QueueTest, NoMoreIsReadThanMayBeUnfinished) {
  begin({.max_unfinished = 2});
  log({"a", "a", "b"});
  EXPECT_EQ("1@1", fetch("ann"));
  EXPECT_EQ(2u, view().unfinished);
  EXPECT_EQ(0u, rig().outlook().room);
  EXPECT_EQ(Idle::unfinished_limit, idle());
  ack("ann", {1});
  EXPECT_EQ("2@1 3@1", fetch("ann"));
}

TEST_F(QueueTest, NothingIsDeliveredWhilePausedAndAcksHold) {
  log({"a", "b"});
  fetch("ann", 1);
  GroupRow group = rig().group();
  group.paused = true;
  change(group);
  EXPECT_EQ("", fetch("ann"));
  EXPECT_EQ(Idle::paused, idle());
  EXPECT_EQ("", ack("ann", {1}));
  group.paused = false;
  change(group);
  EXPECT_EQ("2@1", fetch("ann"));
}

TEST_F(QueueTest, TooManyFailuresOpenTheBreakerAndThreeGoodProbesCloseIt) {
  begin({.order = GroupOrder::none, .breaker_window = 2, .breaker_ratio = 0.5});
  log({"a", "b", "c", "d", "e", "f"});
  EXPECT_EQ("1@1 2@1", fetch("ann", 2));
  ack("ann", {1});
  nack("ann", 2, {.delay = 1h});
  EXPECT_EQ(BreakerState::open, view().breaker);
  EXPECT_EQ("", fetch("ann"));
  EXPECT_EQ(Idle::breaker, idle());
  pass(1s);
  EXPECT_EQ("3@1", fetch("ann")) << "a probe";
  nack("ann", 3, {.delay = 1h});
  pass(4999ms);
  EXPECT_EQ("", fetch("ann")) << "the next step of the back-off";
  pass(1ms);
  for (const std::uint64_t probe : {4, 5, 6}) {
    EXPECT_EQ(std::to_string(probe) + "@1", fetch("ann"));
    EXPECT_NE(BreakerState::closed, view().breaker);
    ack("ann", {probe});
  }
  EXPECT_EQ(BreakerState::closed, view().breaker);
}

}  // namespace
}  // namespace daybook
