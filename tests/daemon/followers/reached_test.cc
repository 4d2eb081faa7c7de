// Who waits for a follower is told when it has come far enough, and not longer than they want.
#include "daemon/followers/reached.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <stdexcept>
#include <thread>

#include "daemon/followers/on_thread.h"

namespace daybook {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

class ReachedTest : public testing::Test {
 protected:
  ReachedTest() {
    callers_.start();
    other_.start();
  }
  ~ReachedTest() override {
    while (net::live_tasks() > 0) std::this_thread::yield();  // Calls that have just answered.
    for (IoThread* const thread : {&callers_, &other_}) {
      thread->stop();
      thread->join();
    }
  }

  template <class T>
  std::future<T> run(Awaitable<T> task) {
    return boost::asio::co_spawn(callers_.context(), std::move(task), boost::asio::use_future);
  }
  static Awaitable<bool> do_nothing() { co_return true; }

  static Awaitable<Result<bool>> where_am_i(IoThread* expected) {
    co_return &IoThread::current() == expected;
  }
  static Awaitable<Result<bool>> fall() {
    throw std::runtime_error("it fell");
    co_return true;
  }
  static Awaitable<bool> is_here_and_there(IoThread& here, IoThread& there) {
    auto question = where_am_i(&there);
    const auto on_there = co_await on_thread(there, std::move(question));
    co_return *on_there&&& IoThread::current() == &here;
  }
  static Awaitable<Result<bool>> call_what_falls(IoThread& there) {
    auto falling = fall();
    co_return co_await on_thread(there, std::move(falling));
  }

  IoThread callers_;
  IoThread other_{"other"};
  std::shared_ptr<Reached> reached_ = std::make_shared<Reached>();
};

TEST_F(ReachedTest, WhatIsReachedIsNotWaitedFor) {
  reached_->moved(Offset{5});
  EXPECT_TRUE(run(Reached::wait(reached_, Offset{5}, milliseconds(0))).get());
}

TEST_F(ReachedTest, BeforeAnythingIsKnownNothingIsReached) {
  EXPECT_FALSE(run(Reached::wait(reached_, Offset{0}, milliseconds(1))).get());
}

TEST_F(ReachedTest, TheWaitEndsWhenItHasComeSoFar) {
  reached_->moved(Offset{1});
  auto near = run(Reached::wait(reached_, Offset{2}, minutes(10)));
  auto far = run(Reached::wait(reached_, Offset{9}, minutes(10)));
  ASSERT_TRUE(run(do_nothing()).get()) << "both wait by now";
  reached_->moved(Offset{3});
  EXPECT_TRUE(near.get());
  EXPECT_EQ(std::future_status::timeout, far.wait_for(milliseconds(0)));
  reached_->moved(Offset{9});
  EXPECT_TRUE(far.get());
}

TEST_F(ReachedTest, WhoWaitsForeverEndsWithItsThread) {
  auto waits = run(Reached::wait(reached_, Offset{1}, minutes(10)));
  ASSERT_TRUE(run(do_nothing()).get());
}

TEST_F(ReachedTest, ACallRunsOnTheOtherThreadAndComesHome) {
  EXPECT_TRUE(run(is_here_and_there(callers_, other_)).get());
}

TEST_F(ReachedTest, WhatEscapesFromACallIsAnErrorOfIt) {
  const auto answer = run(call_what_falls(other_)).get();
  ASSERT_FALSE(answer);
  EXPECT_EQ("it fell", answer.error().detail);
}

}  // namespace
}  // namespace daybook
