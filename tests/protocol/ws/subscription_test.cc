// Scripts for the core of a subscription: what it is told, what it decides.
#include "protocol/ws/subscription.h"

#include <gtest/gtest.h>

namespace daybook::ws {
namespace {

using namespace std::chrono_literals;

constexpr auto kMemberTimeout = 3s;

class Script : public ::testing::Test {
 protected:
  void begin(Offset after, std::uint64_t credits) {
    core_.emplace(SubscriberCore::Start{after, credits, now_});
  }
  void begin_member(std::optional<std::uint64_t> generation, Offset committed = {}) {
    core_.emplace(SubscriberCore::Start{committed, 1000, now_},
                  SubscriberCore::Membership{generation, kMemberTimeout});
  }
  Action next() { return core_->next({.head = head_, .now = now_, .room = room_}); }

  // A page that was read up to `examined`, with its matches; the end is where the head is.
  void page(std::uint64_t events, Offset examined) {
    core_->page_read(
        {.events = events, .examined = examined, .head = head_, .end = examined == head_}, now_);
  }
  void joined(std::uint64_t generation, Offset committed) {
    core_->joined({.generation = generation, .committed = committed, .timeout = kMemberTimeout},
                  now_);
  }
  // Live at `head`, everything delivered and told.
  void begin_live(Offset head, std::uint64_t credits) {
    head_ = head;
    begin(head, credits);
    ASSERT_EQ(Action(SendCaughtUp{head}), next());
  }
  bool waits_for_commits() {
    const Action action = next();
    return std::holds_alternative<Wait>(action) && std::get<Wait>(action).for_commits;
  }
  bool waits_for_something_else() {
    const Action action = next();
    return std::holds_alternative<Wait>(action) && !std::get<Wait>(action).for_commits;
  }

  std::optional<SubscriberCore> core_;
  Moment now_ = Moment{} + 1h;
  Offset head_;
  bool room_ = true;
};

TEST_F(Script, ReadsAsFarAsItsCreditsGo) {
  head_ = Offset{100};
  begin(Offset{10}, 3);
  EXPECT_EQ(Action(ReadPage{Offset{10}, 3}), next());
  page(3, Offset{13});
  EXPECT_EQ(Action(SendEvents{}), next());
  core_->events_sent(3, Offset{13});
  EXPECT_EQ(0u, core_->credits());
  EXPECT_EQ(Action(Peek{Offset{13}}), next());
  core_->credit(50);
  EXPECT_EQ(Action(ReadPage{Offset{13}, 50}), next());
}

TEST_F(Script, PagesAreBounded) {
  head_ = Offset{1'000'000};
  begin(Offset{0}, 1'000'000);
  EXPECT_EQ(Action(ReadPage{Offset{0}, SubscriberCore::page_events_max}), next());
}

TEST_F(Script, APageMayBeSentInSeveralFrames) {
  head_ = Offset{9};
  begin(Offset{0}, 100);
  next();
  page(3, Offset{9});
  core_->events_sent(1, Offset{2});
  EXPECT_EQ(Offset{2}, core_->position());
  EXPECT_EQ(Action(SendEvents{}), next());
  core_->events_sent(2, Offset{7});
  EXPECT_EQ(Offset{9}, core_->position());
  EXPECT_EQ(97u, core_->credits());
}

TEST_F(Script, IsCaughtUpOnceWhenItReachesTheHead) {
  head_ = Offset{2};
  begin(Offset{0}, 100);
  EXPECT_EQ(Action(ReadPage{Offset{0}, 100}), next());
  page(2, Offset{2});
  EXPECT_EQ(Action(SendEvents{}), next());
  core_->events_sent(2, Offset{2});
  EXPECT_EQ(Action(SendCaughtUp{Offset{2}}), next());
  EXPECT_TRUE(waits_for_commits());

  head_ = Offset{3};
  now_ += 1s;
  EXPECT_EQ(Action(ReadPage{Offset{2}, 98}), next());
  page(1, Offset{3});
  core_->events_sent(1, Offset{3});
  EXPECT_TRUE(waits_for_commits());
}

TEST_F(Script, AnEmptyLogIsCaughtUpAtOnce) {
  begin(Offset{0}, 0);
  EXPECT_EQ(Action(SendCaughtUp{Offset{0}}), next());
  EXPECT_TRUE(waits_for_commits());
}

TEST_F(Script, IsCaughtUpAtTheEndOfItsPageEvenIfTheLogHasMovedOn) {
  head_ = Offset{2};
  begin(Offset{0}, 100);
  next();
  page(2, Offset{2});
  head_ = Offset{5};
  core_->events_sent(2, Offset{2});
  EXPECT_EQ(Action(SendCaughtUp{Offset{2}}), next());
}

TEST_F(Script, ACheckpointComesEveryFiveSecondsEvenWhenNothingHappens) {
  begin_live(Offset{7}, 10);
  EXPECT_EQ(Action(Wait{now_ + 5s, true}), next());
  now_ += 5s;
  EXPECT_EQ(Action(SendCheckpoint{Offset{7}}), next());
  EXPECT_EQ(Action(Wait{now_ + 5s, true}), next());
}

TEST_F(Script, ACheckpointComesAfterTenThousandFilteredEvents) {
  head_ = Offset{30'000};
  begin(Offset{0}, 100);
  next();
  page(1, Offset{9'000});
  core_->events_sent(1, Offset{4});
  EXPECT_EQ(Action(ReadPage{Offset{9'000}, 99}), next());
  page(0, Offset{12'000});
  EXPECT_EQ(Action(SendCheckpoint{Offset{12'000}}), next());
  EXPECT_EQ(Action(ReadPage{Offset{12'000}, 99}), next());
}

TEST_F(Script, ACheckpointNeverPassesAnEventThatWasNotSent) {
  head_ = Offset{50'000};
  begin(Offset{0}, 100);
  next();
  page(2, Offset{40'000});
  core_->events_sent(1, Offset{3});
  now_ += 5s;
  EXPECT_EQ(Action(SendCheckpoint{Offset{3}}), next());
  EXPECT_EQ(Action(SendEvents{}), next());
  core_->events_sent(1, Offset{20'000});
  EXPECT_EQ(Action(SendCheckpoint{Offset{40'000}}), next());
}

TEST_F(Script, WithoutCreditsItMovesUpToTheNextMatch) {
  head_ = Offset{100};
  begin(Offset{0}, 0);
  EXPECT_EQ(Action(Peek{Offset{0}}), next());
  core_->peeked(Offset{41}, {.events = 1, .examined = Offset{41}, .head = head_}, now_);
  EXPECT_EQ(Offset{40}, core_->position());
  EXPECT_TRUE(waits_for_something_else());
  now_ += 5s;
  EXPECT_EQ(Action(SendCheckpoint{Offset{40}}), next());
  core_->credit(1);
  EXPECT_EQ(Action(ReadPage{Offset{40}, 1}), next());
}

TEST_F(Script, WithoutCreditsAFilterThatMatchesNothingReachesTheHead) {
  head_ = Offset{100};
  begin(Offset{0}, 0);
  EXPECT_EQ(Action(Peek{Offset{0}}), next());
  core_->peeked(std::nullopt, {.examined = Offset{100}, .head = head_, .end = true}, now_);
  EXPECT_EQ(Action(SendCaughtUp{Offset{100}}), next());
}

TEST_F(Script, FallsBehindWhenItIsLiveAndGivesNoCreditsForASecond) {
  begin_live(Offset{5}, 0);
  head_ = Offset{6};
  EXPECT_EQ(Action(Peek{Offset{5}}), next());
  core_->peeked(Offset{6}, {.events = 1, .examined = Offset{6}, .head = head_, .end = true}, now_);
  EXPECT_EQ(Action(Wait{now_ + 1s, false}), next());
  now_ += 1s;
  EXPECT_EQ(Action(SendFellBehind{Offset{5}}), next());
  EXPECT_TRUE(waits_for_something_else());

  core_->credit(10);
  EXPECT_EQ(Action(ReadPage{Offset{5}, 10}), next());
  page(1, Offset{6});
  core_->events_sent(1, Offset{6});
  EXPECT_EQ(Action(SendCaughtUp{Offset{6}}), next());
}

TEST_F(Script, FallsBehindWhenTheConnectionHasNoRoomForASecond) {
  begin_live(Offset{5}, 100);
  head_ = Offset{6};
  room_ = false;
  EXPECT_TRUE(waits_for_something_else());
  now_ += 1s;
  EXPECT_TRUE(waits_for_something_else());
  room_ = true;
  EXPECT_EQ(Action(SendFellBehind{Offset{5}}), next());
}

TEST_F(Script, FallsBehindWhenAPageLeavesTheHeadFarAway) {
  begin_live(Offset{0}, 100'000);
  now_ += 1s;
  head_ = Offset{50'000};
  EXPECT_EQ(Action(ReadPage{Offset{0}, 1000}), next());
  page(1000, Offset{1000});
  core_->events_sent(1000, Offset{1000});
  EXPECT_EQ(Action(SendFellBehind{Offset{1000}}), next());
  EXPECT_EQ(Action(ReadPage{Offset{1000}, 1000}), next());
}

TEST_F(Script, LiveReadsArePacedAndTheFirstAfterAQuietTimeIsNot) {
  begin_live(Offset{0}, 100);
  now_ += 1s;
  head_ = Offset{1};
  EXPECT_EQ(Action(ReadPage{Offset{0}, 100}), next());
  page(1, Offset{1});
  core_->events_sent(1, Offset{1});
  head_ = Offset{2};
  EXPECT_EQ(Action(Wait{now_ + SubscriberCore::pause_between_reads, false}), next());
  now_ += SubscriberCore::pause_between_reads;
  EXPECT_EQ(Action(ReadPage{Offset{1}, 99}), next());
}

TEST_F(Script, WhatDoesNotMatchIsPassedOverWithoutARead) {
  begin_live(Offset{5}, 10);
  head_ = Offset{9'000};
  core_->pass_over(head_);
  EXPECT_TRUE(waits_for_commits());
  core_->pass_over(Offset{3});
  EXPECT_EQ(Offset{9'000}, core_->position());
  now_ += 5s;
  EXPECT_EQ(Action(SendCheckpoint{Offset{9'000}}), next());
}

TEST_F(Script, WhatIsPassedOverCountsAsFiltered) {
  begin_live(Offset{0}, 10);
  core_->pass_over(Offset{9'999});
  head_ = Offset{10'000};
  EXPECT_FALSE(std::holds_alternative<SendCheckpoint>(next()));
  core_->pass_over(head_);
  EXPECT_EQ(Action(SendCheckpoint{head_}), next());
}

TEST_F(Script, TellsWhatWasTrimmedAndGoesOn) {
  head_ = Offset{100};
  begin(Offset{0}, 10);
  next();
  core_->trimmed(Offset{51});
  EXPECT_EQ(Action(SendTrimmed{Offset{1}, Offset{50}}), next());
  EXPECT_EQ(Action(ReadPage{Offset{50}, 10}), next());
}

TEST_F(Script, AFailedReadIsTriedAgainLater) {
  head_ = Offset{100};
  begin(Offset{0}, 10);
  next();
  core_->read_failed(now_);
  EXPECT_EQ(Action(Wait{now_ + 1s, false}), next());
  now_ += 1s;
  EXPECT_EQ(Action(ReadPage{Offset{0}, 10}), next());
}

TEST_F(Script, NothingIsSentWithoutRoom) {
  head_ = Offset{100};
  begin(Offset{0}, 10);
  room_ = false;
  EXPECT_EQ(Action(Wait{Moment::max(), false}), next());
  room_ = true;
  EXPECT_EQ(Action(ReadPage{Offset{0}, 10}), next());
}

TEST_F(Script, CreditsDoNotOverflow) {
  begin(Offset{0}, ~std::uint64_t{0} - 1);
  core_->credit(100);
  EXPECT_EQ(~std::uint64_t{0} - 1, core_->credits());
}

TEST_F(Script, AClosedSubscriptionStops) {
  head_ = Offset{100};
  begin(Offset{0}, 10);
  core_->close();
  EXPECT_EQ(Action(Stop{}), next());
}

TEST_F(Script, AMemberKeepsItsGroupAliveEvenWithoutRoom) {
  begin_member(7);
  room_ = false;
  EXPECT_EQ(Action(Wait{now_ + 1s, false}), next());
  now_ += 1s;
  EXPECT_EQ(Action(Join{}), next());
  joined(7, Offset{0});
  EXPECT_EQ(Action(Wait{now_ + 1s, false}), next());
}

TEST_F(Script, AMemberThatStandsByIsSentNothingUntilItJoins) {
  head_ = Offset{100};
  begin_member(std::nullopt, Offset{3});
  EXPECT_EQ(Action(Wait{now_ + 500ms, false}), next());
  now_ += 500ms;
  EXPECT_EQ(Action(Join{}), next());
  core_->stood_by(now_);
  EXPECT_EQ(Action(Wait{now_ + 500ms, false}), next());
  now_ += 500ms;
  EXPECT_EQ(Action(Join{}), next());
  joined(4, Offset{20});
  EXPECT_EQ(Action(SendSubscribed{Offset{20}, 4}), next());
  EXPECT_EQ(Action(ReadPage{Offset{20}, 1000}), next());
}

TEST_F(Script, AMemberThatWasTakenOverIsRevokedAndStandsBy) {
  head_ = Offset{100};
  begin_member(7);
  next();
  page(10, Offset{10});
  now_ += 1s;
  EXPECT_EQ(Action(Join{}), next());
  core_->stood_by(now_);
  EXPECT_EQ(0u, core_->unsent());
  EXPECT_EQ(Action(SendRevoked{7}), next());
  EXPECT_EQ(Action(Wait{now_ + 500ms, false}), next());
  joined(9, Offset{40});
  EXPECT_EQ(Action(SendSubscribed{Offset{40}, 9}), next());
}

TEST_F(Script, AMemberThatLostItsGroupInBetweenIsToldBoth) {
  head_ = Offset{100};
  begin_member(7);
  now_ += 1s;
  next();
  joined(9, Offset{40});
  EXPECT_EQ(Action(SendRevoked{7}), next());
  EXPECT_EQ(Action(SendSubscribed{Offset{40}, 9}), next());
  EXPECT_EQ(Action(ReadPage{Offset{40}, 1000}), next());
}

TEST_F(Script, AMemberGoesBackWhenItsGroupIsReset) {
  head_ = Offset{100};
  begin_member(7, Offset{100});
  EXPECT_EQ(Action(SendCaughtUp{Offset{100}}), next());
  joined(7, Offset{0});
  EXPECT_EQ(Action(SendSubscribed{Offset{0}, 7}), next());
  EXPECT_EQ(Action(ReadPage{Offset{0}, 1000}), next());
}

TEST_F(Script, AMemberIsNotMovedByItsOwnCommits) {
  head_ = Offset{100};
  begin_member(7);
  next();
  page(60, Offset{60});
  core_->events_sent(60, Offset{60});
  joined(7, Offset{30});
  EXPECT_EQ(Action(ReadPage{Offset{60}, 940}), next());
}

TEST_F(Script, AJoinThatFailsIsTriedAgainWhileTheMemberGoesOn) {
  head_ = Offset{100};
  begin_member(7);
  core_->join_failed(now_);
  EXPECT_EQ(Action(ReadPage{Offset{0}, 1000}), next());
  now_ += 1s;
  EXPECT_EQ(Action(Join{}), next());
}

}  // namespace
}  // namespace daybook::ws
