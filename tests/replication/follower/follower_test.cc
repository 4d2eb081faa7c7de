#include "replication/follower/follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/replication/memory_feed.h"

namespace daybook {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The other side: survives the sink's connections, as a server does.
struct OtherSide {
  std::vector<std::uint64_t> posted;
  Offset checkpoint;
  std::optional<Error> open_fails;
  std::optional<Error> write_fails;
  bool loses_the_answer = false;  // of the next write: done, and yet it fails
  bool hangs = false;             // a write waits until the sink is closed
  bool is_finished = false;
  std::optional<milliseconds> asks_again;
  std::function<void()> at_write;
  int opened = 0;
  int closed = 0;
  int rests = 0;
  Filter filter;
};

class ScriptedSink final : public Sink {
 public:
  ScriptedSink(const asio::any_io_executor& executor, OtherSide& other)
      : other_(other), closed_(executor, steady_clock::time_point::max()) {}

  Wants wants() const override { return {.filter = other_.filter, .page_events = 2}; }
  asio::awaitable<Result<Offset>> open() override {
    ++other_.opened;
    if (other_.open_fails) co_return *other_.open_fails;
    co_return other_.checkpoint;
  }
  asio::awaitable<Result<void>> write(const Page& page) override {
    if (other_.hangs) {
      co_await closed_.async_wait(asio::as_tuple(asio::use_awaitable));
      co_return Error{Errc::io_failed, "closed"};
    }
    if (other_.write_fails) co_return *other_.write_fails;
    if (other_.at_write) other_.at_write();
    for (const EventView& event : page.events) other_.posted.push_back(event.offset.value);
    other_.checkpoint = page.examined;
    if (std::exchange(other_.loses_the_answer, false))
      co_return Error{Errc::io_failed, "the connection was lost"};
    co_return Result<void>();
  }
  asio::awaitable<Result<Rest>> caught_up() override {
    ++other_.rests;
    co_return Rest{.finished = other_.is_finished, .again = other_.asks_again};
  }
  void close() override {
    ++other_.closed;
    closed_.cancel();
  }

 private:
  OtherSide& other_;
  asio::steady_timer closed_;
};

class FollowerTest : public ::testing::Test {
 protected:
  void begin() {
    const asio::any_io_executor executor = context_.get_executor();
    follower_ = std::make_shared<Follower>(
        executor, "elsewhere", std::make_unique<testing::MemoryFeed>(executor, log_),
        std::make_unique<ScriptedSink>(executor, other_),
        Follower::Listener{.changed =
                               [this](const FollowerState& state) {
                                 told_.push_back(
                                     std::string(name(state.phase)) +
                                     (state.trouble.empty() ? "" : ": " + state.trouble));
                               },
                           .moved = [this](Offset to) { moved_.push_back(to.value); }},
        BackoffBounds{.shortest = milliseconds(1), .longest = milliseconds(2)});
    asio::co_spawn(context_, Follower::run(follower_),
                   [this](std::exception_ptr) { over_ = true; });
  }
  void add(int count, const std::string& type = "thing.done") {
    for (int i = 0; i < count; ++i) log_.add({.event_type = type});
  }
  template <class Condition>
  void until(Condition condition) {
    const auto deadline = steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      ASSERT_LT(steady_clock::now(), deadline);
      context_.run_one_for(milliseconds(10));
    }
  }
  void until_posted(std::uint64_t upto) {
    until([&] { return follower_->state().checkpoint == Offset{upto}; });
  }
  void TearDown() override {
    if (!follower_) return;
    follower_->stop();
    until([this] { return over_; });
  }

  asio::io_context context_;
  testing::MemoryLog log_;
  OtherSide other_;
  std::shared_ptr<Follower> follower_;
  std::vector<std::string> told_;
  std::vector<std::uint64_t> moved_;
  bool over_ = false;
};

TEST_F(FollowerTest, PostsWhatIsThereAndWhatComes) {
  add(3);
  begin();
  until_posted(3);
  add(2);
  until_posted(5);
  EXPECT_THAT(other_.posted, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(moved_, ElementsAre(0, 2, 3, 5));
  EXPECT_THAT(told_, ElementsAre("following"));
  EXPECT_EQ(5u, follower_->state().events);
}

TEST_F(FollowerTest, BeginsAfterTheCheckpoint) {
  add(5);
  other_.checkpoint = Offset{3};
  begin();
  until_posted(5);
  EXPECT_THAT(other_.posted, ElementsAre(4, 5));
}

TEST_F(FollowerTest, WhatTheFilterLeavesOutIsPassed) {
  other_.filter.event_types = {"wanted"};
  add(3);
  add(1, "wanted");
  add(3);
  begin();
  until_posted(7);
  EXPECT_THAT(other_.posted, ElementsAre(4));
}

TEST_F(FollowerTest, ALostAnswerIsResolvedByTheCheckpoint) {
  add(3);
  other_.loses_the_answer = true;
  begin();
  until_posted(3);
  EXPECT_THAT(other_.posted, ElementsAre(1, 2, 3));
  EXPECT_EQ(2, other_.opened);
}

TEST_F(FollowerTest, AFailureIsToldOnceHoweverOftenItIsTried) {
  add(1);
  other_.open_fails = Error{Errc::io_failed, "refused"};
  begin();
  until([this] { return other_.opened > 5; });
  EXPECT_THAT(told_, ElementsAre("failing: refused"));
  EXPECT_LE(5u, follower_->state().failures);
  other_.open_fails.reset();
  until_posted(1);
  EXPECT_THAT(told_, ElementsAre("failing: refused", "following"));
}

TEST_F(FollowerTest, NumbersMakeNoOtherReason) {
  other_.open_fails = Error{Errc::io_failed, "refused at line 7"};
  begin();
  until([this] { return other_.opened > 2; });
  other_.open_fails = Error{Errc::io_failed, "refused at line 8123"};
  const int opened = other_.opened;
  until([&] { return other_.opened > opened + 2; });
  EXPECT_THAT(told_, ElementsAre("failing: refused at line 7"));
}

// A connection that is accepted is no sign that all is well again.
TEST_F(FollowerTest, ItIsWellOnlyOnceSomethingWasPosted) {
  add(1);
  other_.write_fails = Error{Errc::io_failed, "disk full"};
  begin();
  until([this] { return other_.opened > 5; });
  EXPECT_THAT(told_, ElementsAre("failing: disk full"));
}

TEST_F(FollowerTest, AnotherReasonIsToldAnew) {
  other_.open_fails = Error{Errc::io_failed, "refused"};
  begin();
  until([this] { return other_.opened > 2; });
  other_.open_fails = Error{Errc::io_failed, "wrong password"};
  until([this] { return told_.size() > 1; });
  EXPECT_THAT(told_, ElementsAre("failing: refused", "failing: wrong password"));
}

// Of a log that was restored from an older backup.
TEST_F(FollowerTest, RefusesToGoOnWhereTheOtherSideHasMoreThanTheLog) {
  add(2);
  other_.checkpoint = Offset{3};
  begin();
  until([this] { return follower_->state().failures > 0; });
  add(2);  // The head has passed the checkpoint: that makes nothing good.
  until([this] { return follower_->state().failures > 3; });
  EXPECT_THAT(told_, ElementsAre(::testing::HasSubstr("up to 3, and the log ended at 2")));
  EXPECT_THAT(other_.posted, IsEmpty());
}

TEST_F(FollowerTest, ToStandByIsNoFailure) {
  other_.open_fails = Error{Errc::standby, "another posts"};
  begin();
  until([this] { return other_.opened > 2; });
  EXPECT_THAT(told_, ElementsAre("standby: another posts"));
  EXPECT_EQ(0u, follower_->state().failures);
}

TEST_F(FollowerTest, PausedPostsNothingAndGoesOnAfterwards) {
  begin();
  until([this] { return other_.rests > 0; });
  follower_->pause(true);
  until([this] { return follower_->state().phase == FollowerPhase::paused; });
  add(2);
  context_.run_for(milliseconds(20));
  EXPECT_THAT(other_.posted, IsEmpty());
  follower_->pause(false);
  until_posted(2);
  EXPECT_THAT(told_, ElementsAre("following", "paused", "following"));
}

TEST_F(FollowerTest, APauseThatIsTakenBackAtOnceIsNoFailure) {
  begin();
  until([this] { return other_.rests > 0; });
  follower_->pause(true);
  follower_->pause(false);
  add(1);
  until_posted(1);
  EXPECT_THAT(told_, ElementsAre("following"));
}

TEST_F(FollowerTest, StopEndsAWriteThatHangs) {
  add(1);
  other_.hangs = true;
  begin();
  until([this] { return other_.opened > 0; });
  context_.poll();
  follower_->stop();
  until([this] { return over_; });
  EXPECT_THAT(told_, ElementsAre("stopped"));
}

TEST_F(FollowerTest, ReopenLeavesTheConnectionForAFreshOne) {
  begin();
  until([this] { return other_.rests > 0; });
  follower_->reopen();
  until([this] { return other_.opened == 2; });
  EXPECT_EQ(0u, follower_->state().failures);
}

TEST_F(FollowerTest, IsAskedAgainWhereTheSinkWantsIt) {
  other_.asks_again = milliseconds(1);
  begin();
  until([this] { return other_.rests > 3; });
}

TEST_F(FollowerTest, TheSinkIsToldThatItCaughtUpAlsoWhereMoreHasComeMeanwhile) {
  other_.at_write = [this] {
    if (log_.head() < Offset{20}) add(1);
  };
  add(1);
  begin();
  until_posted(20);
  until([this] { return other_.rests >= 20; });
}

TEST_F(FollowerTest, EndsWhereTheSinkIsFinished) {
  add(1);
  other_.is_finished = true;
  begin();
  until([this] { return over_; });
  EXPECT_EQ(FollowerPhase::finished, follower_->state().phase);
  EXPECT_THAT(other_.posted, ElementsAre(1));
}

TEST_F(FollowerTest, CountsWhatWasRecordedBeforeItWasConnected) {
  add(2);
  begin();
  until_posted(2);
  log_.add({.recorded_at = {now().micros + 1'000'000}});
  until_posted(3);
  EXPECT_EQ(3u, follower_->state().events);
  EXPECT_EQ(2u, follower_->state().events_late);
}

}  // namespace
}  // namespace daybook
