// Queue groups from a member's side, over a real store and its threads.
#include "daemon/delivery/dispatcher.h"

#include "tests/daemon/delivery/delivery_fixture.h"

namespace daybook::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using DispatcherTest = DeliveryTest;

Awaitable<Result<Leased>> do_next(QueueMember& member, std::uint32_t max) {
  co_return co_await member.next(max);
}

TEST_F(DispatcherTest, AnEventIsDeliveredAckedAndNeverSeenAgain) {
  put_group("work");
  append_each("ab");
  EXPECT_EQ("1 2", fetched("work", "m", 10, seconds(50)));
  EXPECT_EQ("", ack("work", "m", {1, 2}));
  EXPECT_EQ("1 2", ack("work", "m", {1, 2})) << "the leases have ended";
  EXPECT_EQ("", fetched("work", "m"));
  EXPECT_EQ(Offset{2}, view("work").committed);
  EXPECT_EQ(2u, dispatcher_->counts().deliveries.load());
  EXPECT_EQ(2u, dispatcher_->counts().acks.load());
}

TEST_F(DispatcherTest, TheNextEventOfAnAggregateWaitsForTheAck) {
  put_group("work");
  append_each("aab");
  EXPECT_EQ("1 3", fetched("work", "m", 10, seconds(50)));
  Fetched next = fetch_later("work", "n");
  EXPECT_EQ("", ack("work", "m", {1}));
  EXPECT_EQ("2", describe(wait_for(std::move(next))));
}

TEST_F(DispatcherTest, WhoWaitsIsWokenByAnAppend) {
  put_group("work");
  Fetched first = fetch_later("work", "m");
  eventually([&] { return dispatcher_->find("work").has_value(); }, "it waits");
  append_each("a");
  EXPECT_EQ("1", describe(wait_for(std::move(first))));
}

TEST_F(DispatcherTest, AFetchThatWaitsLongEnoughIsAnsweredWithNothing) {
  put_group("work");
  EXPECT_EQ("", fetched("work", "m", 10, milliseconds(20)));
}

TEST_F(DispatcherTest, OnlyWhatTheFilterLetsThroughIsDelivered) {
  Filter filter;
  filter.aggregate_id = "b";
  put_group("work", {}, filter);
  append_each("aabaa");
  EXPECT_EQ("3", fetched("work", "m", 10, seconds(50)));
  EXPECT_EQ("", ack("work", "m", {3}));
  EXPECT_EQ(Offset{5}, view("work").examined);
}

TEST_F(DispatcherTest, AMemberTakesNoMoreThanItAsksFor) {
  put_group("work");
  append_each("abcdef");
  EXPECT_EQ("1 2", fetched("work", "m", 2, seconds(50)));
  EXPECT_EQ("3 4", fetched("work", "m", 2, seconds(50)));
  EXPECT_EQ("5 6", fetched("work", "n", 9, seconds(50)));
}

TEST_F(DispatcherTest, WhatIsAskedDuringATurnGathersForTheNext) {
  put_group("work", {.order = GroupOrder::none});
  for (int i = 0; i < 300; ++i) append_each("a");
  const Result<Leased> all = fetch("work", "m", 300, seconds(50));
  ASSERT_TRUE(all);
  ASSERT_EQ(300u, all->tags.size());
  const std::uint64_t before = commits_.load();
  std::vector<std::future<Result<StepResult>>> acks;
  for (std::uint64_t i = 1; i <= 300; ++i)
    acks.push_back(run(dispatcher_->take(
        "work", AckLeases{.member = "m", .leases = {{Offset{i}, std::nullopt}}})));
  for (auto& ack : acks) EXPECT_EQ("ok", code_of(wait_for(std::move(ack))));
  EXPECT_LT(commits_.load() - before, 150u);
  EXPECT_EQ(300u, view("work").acked);
}

TEST_F(DispatcherTest, ALostMembersEventsGoToAnother) {
  put_group("work", {.backoff_ms = {1}});
  append_each("a");
  auto member = join("work", "m");
  EXPECT_EQ("1", describe(wait_for(run(do_next(*member, 10)))));
  Fetched other = fetch_later("work", "n");
  member.reset();
  EXPECT_EQ("1/2", describe(wait_for(std::move(other))));
  EXPECT_EQ(1u, dispatcher_->counts().failed[2].load()) << "disconnected";
}

TEST_F(DispatcherTest, AMemberThatLeavesFailsNothing) {
  put_group("work");
  append_each("a");
  auto member = join("work", "m");
  EXPECT_EQ("1", describe(wait_for(run(do_next(*member, 10)))));
  member->leave();
  EXPECT_EQ("1/2", fetched("work", "n", 10, seconds(50)));
  EXPECT_EQ(0u, dispatcher_->counts().failed[2].load());
  EXPECT_EQ(std::vector<std::string>{"n"}, dispatcher_->find("work")->members);
}

TEST_F(DispatcherTest, AMemberThatIsWokenGetsNothing) {
  put_group("work");
  auto member = join("work", "m");
  auto next = run(do_next(*member, 10));
  eventually(
      [&] {
        member->wake();
        return next.wait_for(milliseconds(1)) == std::future_status::ready;
      },
      "it is woken");
  EXPECT_EQ("", describe(next.get()));
}

TEST_F(DispatcherTest, ALeaseThatIsNotAckedInTimeFails) {
  put_group("work", {.ack_timeout_ms = 20, .backoff_ms = {1}});
  append_each("a");
  EXPECT_EQ("1", fetched("work", "m", 10, seconds(50)));
  EXPECT_EQ("1/2", fetched("work", "n", 10, seconds(50)));
  EXPECT_EQ("1", ack("work", "m", {1}));
}

TEST_F(DispatcherTest, MembersWithoutAConnectionAreKnownAsLongAsTheyAreHeardOf) {
  put_group("work", {.ack_timeout_ms = 20});
  EXPECT_EQ("", fetched("work", "m", 1, milliseconds(1)));
  eventually([&] { return !dispatcher_->find("work").has_value(); }, "it is forgotten");
  EXPECT_FALSE(dispatcher_->heartbeat("work", "m"));
  EXPECT_FALSE(dispatcher_->leave("work", "m"));
}

TEST_F(DispatcherTest, MembersAreListedAndMayLeave) {
  put_group("work");
  append_each("a");
  EXPECT_EQ("1", fetched("work", "m", 1, seconds(50)));
  EXPECT_TRUE(dispatcher_->heartbeat("work", "m"));
  EXPECT_EQ(std::vector<std::string>{"m"}, dispatcher_->find("work")->members);
  EXPECT_TRUE(dispatcher_->leave("work", "m"));
  EXPECT_EQ("1/2", fetched("work", "n", 1, seconds(50)));
}

TEST_F(DispatcherTest, LeasesOutliveARestart) {
  put_group("work");
  append_each("ab");
  EXPECT_EQ("1", fetched("work", "m", 1, seconds(50)));
  restart();
  EXPECT_EQ("2", fetched("work", "n", 10, seconds(50)));
  EXPECT_EQ("", ack("work", "m", {1}));
  EXPECT_EQ("", ack("work", "n", {2}));
  EXPECT_EQ(Offset{2}, view("work").committed);
}

TEST_F(DispatcherTest, AStopAnswersThoseWhoWait) {
  put_group("work");
  auto member = join("work", "m");
  Fetched waits = fetch_later("work", "n");
  auto next = run(do_next(*member, 10));
  eventually([&] { return dispatcher_->find("work")->members.size() == 2; }, "both are there");
  dispatcher_->stop();
  EXPECT_EQ("", describe(wait_for(std::move(waits))));
  EXPECT_EQ("", describe(wait_for(std::move(next))));
  EXPECT_EQ("shutting_down", ack("work", "m", {1}));
}

TEST_F(DispatcherTest, AResetDeliversAgain) {
  put_group("work");
  append_each("a");
  EXPECT_EQ("1", fetched("work", "m", 1, seconds(50)));
  EXPECT_EQ("", ack("work", "m", {1}));
  Fetched again = fetch_later("work", "m");
  ASSERT_TRUE(command(ResetGroup{.group = "work", .to = FromBeginning{}}));
  dispatcher_->changed("work");
  EXPECT_EQ("1/2", describe(wait_for(std::move(again))));
}

TEST_F(DispatcherTest, ADeletedGroupTellsThoseWhoWait) {
  put_group("work");
  Fetched waits = fetch_later("work", "m");
  eventually([&] { return dispatcher_->find("work").has_value(); }, "it waits");
  ASSERT_TRUE(command(DeleteGroup{.group = "work"}));
  dispatcher_->changed("work");
  EXPECT_EQ("unknown_group", describe(wait_for(std::move(waits))));
  EXPECT_EQ("unknown_group", fetched("work", "m"));
  EXPECT_EQ("unknown_group", ack("work", "m", {1}));
}

TEST_F(DispatcherTest, AGroupInLogModeHasNoLeases) {
  ASSERT_TRUE(command(PutGroup{.group = "log"}));
  EXPECT_EQ("wrong_mode", fetched("log", "m"));
}

TEST_F(DispatcherTest, APausedGroupDeliversWhenItIsResumed) {
  put_group("work");
  append_each("a");
  ASSERT_TRUE(command(PauseGroup{.group = "work", .paused = true}));
  Fetched waits = fetch_later("work", "m");
  eventually(
      [&] {
        const auto shown = dispatcher_->find("work");
        return shown && shown->idle == Idle::paused;
      },
      "it is shown as paused");
  ASSERT_TRUE(command(PauseGroup{.group = "work", .paused = false}));
  dispatcher_->changed("work");
  EXPECT_EQ("1", describe(wait_for(std::move(waits))));
}

class TwoThreadsTest : public DeliveryTest {
 protected:
  TwoThreadsTest() : DeliveryTest(2) {}
};

TEST_F(TwoThreadsTest, CallsOfBothThreadsMeetAtOneDesk) {
  for (int group = 0; group < 4; ++group) put_group("work" + std::to_string(group));
  append_each("abcdefgh");
  for (int group = 0; group < 4; ++group) {
    const std::string name = "work" + std::to_string(group);
    for (std::uint64_t offset = 1; offset <= 8; ++offset) {
      EXPECT_EQ(std::to_string(offset), fetched(name, "m", 1, seconds(50)));
      EXPECT_EQ("", ack(name, "m", {offset}));
    }
    EXPECT_EQ(Offset{8}, view(name).committed);
  }
}

}  // namespace
}  // namespace daybook::test
