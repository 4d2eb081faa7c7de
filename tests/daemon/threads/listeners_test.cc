// Live readers of one io thread, over a store.
#include "daemon/threads/listeners.h"

#include <vector>

#include "tests/storage/store_fixture.h"

namespace daybook::test {
namespace {

class ListenersTest : public StoreTest {
 protected:
  ListenersTest() {
    options_.chunk_events = 64 << 10;
    open();
  }

  // Commits so many events and looks at them, as the writer and the io thread do.
  void commit(std::size_t count, const Event& event = {}) {
    ASSERT_EQ("ok", code_of(append({.events = std::vector<Event>(count, event)})));
    listeners_.notify(store_->window());
    run();
  }
  // Until nothing is left to do: a look that was put off has its timer.
  void run() {
    context_.restart();
    context_.run();
  }
  std::unique_ptr<Interest> listen(Filter filter, int& told) {
    return listeners_.listen(store_->window(), std::move(filter), [&told] { ++told; });
  }

  Interests interests_;
  boost::asio::io_context context_;
  Listeners listeners_{context_, interests_};
};

TEST_F(ListenersTest, WhatMatchesIsToldAndTheRestIsPassedOver) {
  int told_rare = 0;
  int told_all = 0;
  const auto rare = listen({.event_types = {"rare"}}, told_rare);
  const auto all = listen({}, told_all);
  commit(3);
  EXPECT_EQ(0, told_rare);
  EXPECT_EQ(1, told_all);
  EXPECT_EQ(Offset{3}, rare->quiet_up_to(Offset{0}));
  commit(2, {.event_type = "rare"});
  EXPECT_EQ(1, told_rare);
  EXPECT_TRUE(rare->may_match_above(Offset{4}));
  EXPECT_EQ(2, told_all);
}

TEST_F(ListenersTest, WhoListensLaterKnowsNothingOfWhatWasBefore) {
  commit(5);
  int told = 0;
  const auto interest = listen({.event_types = {"rare"}}, told);
  EXPECT_TRUE(interest->may_match_above(Offset{4}));
  EXPECT_FALSE(interest->may_match_above(Offset{5}));
}

TEST_F(ListenersTest, NothingIsDoneWhereNobodyListens) {
  append_events(1);
  listeners_.notify(store_->window());
  context_.restart();
  EXPECT_EQ(0u, context_.run());
}

TEST_F(ListenersTest, CommitsThatComeFasterThanTheyAreLookedAtAreLookedAtOnce) {
  int told = 0;
  const auto interest = listen({}, told);
  for (int i = 0; i < 10; ++i) {
    append_events(1);
    listeners_.notify(store_->window());
  }
  context_.restart();
  EXPECT_EQ(1u, context_.run());
  EXPECT_EQ(1, told);
  EXPECT_TRUE(interest->may_match_above(Offset{9}));
}

TEST_F(ListenersTest, AfterManyWereToldTheNextLookWaits) {
  int told = 0;
  std::vector<std::unique_ptr<Interest>> many;
  for (int i = 0; i < 5'000; ++i) many.push_back(listen({}, told));
  commit(1);
  EXPECT_EQ(5'000, told);
  append_events(1);
  listeners_.notify(store_->window());
  context_.restart();
  context_.poll();
  EXPECT_EQ(5'000, told);
  run();
  EXPECT_EQ(10'000, told);
}

TEST_F(ListenersTest, WhoIsLeftOutForTenThousandEventsIsTold) {
  int told = 0;
  const auto interest = listen({.event_types = {"rare"}}, told);
  commit(6'000);
  EXPECT_EQ(0, told);
  commit(6'000);
  EXPECT_EQ(1, told);
  EXPECT_FALSE(interest->may_match_above(Offset{0}));
  EXPECT_EQ(Offset{12'000}, interest->quiet_up_to(Offset{0}));
}

TEST_F(ListenersTest, TooManyEventsToLookAtHaveToBeRead) {
  int told = 0;
  const auto interest = listen({.event_types = {"rare"}}, told);
  commit(10'001);
  EXPECT_LT(0, told);
  EXPECT_TRUE(interest->may_match_above(Offset{10'000}));
}

TEST_F(ListenersTest, AtStopEverybodyIsTold) {
  int told = 0;
  const auto interest = listen({.event_types = {"rare"}}, told);
  listeners_.stop();
  run();
  EXPECT_EQ(1, told);
  EXPECT_TRUE(interest->closed());
}

}  // namespace
}  // namespace daybook::test
