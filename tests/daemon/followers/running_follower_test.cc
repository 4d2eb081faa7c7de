// A follower of a real log that is kept running: begun, ended, begun anew with another sink.
#include "daemon/followers/running_follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "daemon/followers/on_thread.h"
#include "daemon/threads/listeners.h"
#include "tests/daemon/followers/followers_fixture.h"

namespace daybook::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::ElementsAre;

// What all sinks of a test have done.
struct Notes {
  void add(std::string line) {
    const std::scoped_lock lock(mutex);
    lines.push_back(std::move(line));
  }
  std::vector<std::string> all() const {
    const std::scoped_lock lock(mutex);
    return lines;
  }
  mutable std::mutex mutex;
  std::vector<std::string> lines;
  std::atomic<std::uint64_t> finishes_at{~0ULL};
};

// Begins where the one before it was, and has a number.
class NotingSink final : public Sink {
 public:
  NotingSink(Notes& notes, Offset& at, int number) : notes_(notes), at_(at), number_(number) {}

  Wants wants() const override { return {}; }
  Awaitable<Result<Offset>> open() override {
    notes_.add("open " + std::to_string(number_));
    co_return at_;
  }
  Awaitable<Result<void>> write(const Page& page) override {
    at_ = page.examined;
    notes_.add("up to " + std::to_string(at_.value));
    co_return Result<void>();
  }
  Awaitable<Result<Rest>> caught_up() override {
    co_return Rest{.finished = notes_.finishes_at.load() == at_.value};
  }
  void close() override {}

 private:
  Notes& notes_;
  Offset& at_;
  const int number_;
};

class RunningFollowerTest : public FollowersTest {
 protected:
  RunningFollowerTest() { thread_.start(); }
  ~RunningFollowerTest() override {
    ask([this] { follower_->stop(); });
    thread_.join();  // Everything on it has ended by then.
  }

  // Runs `what` on the follower's thread.
  void ask(std::function<void()> what) {
    auto asked = do_ask(std::move(what));
    ASSERT_TRUE(wait_for(run(on_thread(thread_, std::move(asked)))));
  }
  static Awaitable<Result<void>> do_ask(std::function<void()> what) {
    what();
    co_return Result<void>();
  }
  static Awaitable<Result<void>> do_end(std::shared_ptr<RunningFollower> follower) {
    co_await follower->ended();
    co_return Result<void>();
  }

  // Commits and tells the follower's thread of it, as the daemon does.
  void append(const std::string& aggregates) {
    append_each(aggregates);
    thread_.listeners().notify(store_->window());
  }
  std::optional<FollowerPhase> phase() const {
    const auto state = follower_->state();
    return state ? std::optional(state->phase) : std::nullopt;
  }
  bool reaches(std::uint64_t offset, milliseconds at_most = minutes(1)) {
    return wait_for(run(follower_->reach(Offset{offset}, at_most)));
  }

  Notes notes_;
  Offset at_;  // of the thread
  int sinks_ = 0;
  std::atomic<int> follows_{0};
  std::atomic<int> finished_{0};
  IoThread thread_{"follower"};
  std::shared_ptr<RunningFollower> follower_ = std::make_shared<RunningFollower>(
      thread_, *log_, "test",
      RunningFollower::Owner{
          .make_sink = [this] { return std::make_unique<NotingSink>(notes_, at_, ++sinks_); },
          .follows = [this] { ++follows_; },
          .finished = [this] { ++finished_; }});
};

TEST_F(RunningFollowerTest, PostsWhatIsThereAndWhatComes) {
  EXPECT_FALSE(follower_->state()) << "it was not started";
  append("aa");
  ask([this] { follower_->start(); });
  ASSERT_TRUE(reaches(2));
  append("a");
  ASSERT_TRUE(reaches(3));
  EXPECT_THAT(notes_.all(), ElementsAre("open 1", "up to 2", "up to 3"));
  EXPECT_EQ(1, follows_) << "told once";
  EXPECT_EQ(FollowerPhase::following, follower_->state()->phase);
  EXPECT_EQ(3u, follower_->state()->events);
}

TEST_F(RunningFollowerTest, BegunAnewItHasAFreshSink) {
  append("a");
  ask([this] { follower_->start(); });
  ASSERT_TRUE(reaches(1));
  ask([this] {
    follower_->stop();
    follower_->start();
  });
  ASSERT_TRUE(reaches(1));
  EXPECT_THAT(notes_.all(), ElementsAre("open 1", "up to 1", "open 2"));
}

TEST_F(RunningFollowerTest, WhatWasReachedBeforeItsEndIsForgotten) {
  append("a");
  ask([this] { follower_->start(); });
  ASSERT_TRUE(reaches(1));
  ask([this] { follower_->stop(); });
  EXPECT_FALSE(reaches(1, milliseconds(0)));
}

TEST_F(RunningFollowerTest, WhoeverWaitsIsToldWhenItHasEnded) {
  ask([this] { follower_->start(); });
  ASSERT_TRUE(reaches(0));
  ask([this] { follower_->stop(); });
  auto ended = do_end(follower_);
  EXPECT_TRUE(wait_for(run(on_thread(thread_, std::move(ended)))));
  EXPECT_FALSE(follower_->state());
}

TEST_F(RunningFollowerTest, WhatIsFinishedIsToldOnceAndEnds) {
  notes_.finishes_at = 2;
  append("a");
  ask([this] { follower_->start(); });
  ASSERT_TRUE(reaches(1));
  EXPECT_EQ(0, finished_);
  append("a");
  eventually([this] { return finished_ == 1; }, "it is finished");
  eventually([this] { return !follower_->state(); }, "nothing runs");
}

TEST_F(RunningFollowerTest, APauseIsKeptWhereItIsBegunAnew) {
  ask([this] { follower_->start(); });
  ASSERT_TRUE(reaches(0));
  ask([this] {
    follower_->pause(true);
    follower_->stop();
    follower_->start();
  });
  append("a");
  eventually([this] { return phase() == FollowerPhase::paused; }, "it is paused");
  EXPECT_FALSE(reaches(1, milliseconds(20)));
  ask([this] { follower_->pause(false); });
  EXPECT_TRUE(reaches(1));
}

}  // namespace
}  // namespace daybook::test
