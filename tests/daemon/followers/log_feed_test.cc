// What a follower reads, over a real store that is written to meanwhile.
#include "daemon/followers/log_feed.h"

#include <gtest/gtest.h>

#include "tests/daemon/followers/followers_fixture.h"

namespace daybook::test {
namespace {

class LogFeedTest : public FollowersTest {
 protected:
  // On the thread of the feed.
  static Awaitable<std::uint64_t> wait_above(LogFeed& feed, Offset after) {
    co_await feed.wait_above(after);
    co_return feed.head().value;
  }
  static Awaitable<Result<Page>> read(LogFeed& feed, Query query) {
    co_return co_await feed.read(std::move(query));
  }
  static Awaitable<bool> wake(LogFeed& feed) {
    feed.wake();
    co_return true;
  }
  // The thread runs in order: what was begun before has come as far as it can.
  void let_it_wait() { EXPECT_TRUE(wait_for(run(do_nothing()))); }
  static Awaitable<bool> do_nothing() { co_return true; }

  LogFeed feed_{threads_->next(), *log_};
};

TEST_F(LogFeedTest, ReadsWhatIsCommittedAndSaysHowFarTheFilterWasApplied) {
  append_each("aab");
  const auto page = wait_for(run(read(feed_, {.filter = {.aggregate_id = "a"}})));
  ASSERT_TRUE(page) << page.error().detail;
  ASSERT_EQ(2u, page->events.size());
  EXPECT_EQ(Offset{2}, page->events.back().offset);
  EXPECT_EQ(Offset{3}, page->examined);
}

TEST_F(LogFeedTest, ACommitEndsTheWait) {
  append_each("a");
  auto waits = run(wait_above(feed_, Offset{1}));
  let_it_wait();
  append_each("a");
  EXPECT_EQ(2u, wait_for(std::move(waits)));
}

TEST_F(LogFeedTest, WhatIsThereAlreadyIsNotWaitedFor) {
  append_each("aa");
  EXPECT_EQ(2u, wait_for(run(wait_above(feed_, Offset{1}))));
}

TEST_F(LogFeedTest, AWakeEndsTheWait) {
  auto waits = run(wait_above(feed_, Offset{0}));
  let_it_wait();
  EXPECT_TRUE(wait_for(run(wake(feed_))));
  EXPECT_EQ(0u, wait_for(std::move(waits)));
}

TEST_F(LogFeedTest, NoCommitIsMissedBetweenTwoWaits) {
  constexpr std::uint64_t kEvents = 300;
  auto appends = std::async(std::launch::async, [this] {
    for (std::uint64_t i = 0; i < kEvents; ++i) append_each("a");
  });
  for (std::uint64_t head = 0; head < kEvents;)
    head = wait_for(run(wait_above(feed_, Offset{head})));
  appends.get();
}

}  // namespace
}  // namespace daybook::test
