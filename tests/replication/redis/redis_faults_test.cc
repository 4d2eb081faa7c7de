// The sink in the loop of followers, while Redis is killed, stopped and cut off.
#include <boost/asio/co_spawn.hpp>
#include <random>

#include "replication/follower/follower.h"
#include "tests/replication/redis/sink_fixture.h"

namespace daybook::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

class RedisFaultsTest : public RedisSinkTest {
 protected:
  ~RedisFaultsTest() override {
    follower_->stop();
    while (!ended_) io_.run_one();
  }

  void follow(SinkSettings with) {
    with.connection.connect_timeout = with.connection.answer_timeout = milliseconds(200);
    auto feed = std::make_unique<MemoryFeed>(io_.get_executor(), log_);
    follower_ = std::make_shared<Follower>(
        io_.get_executor(), "redis", std::move(feed), make_sink(std::move(with)),
        Follower::Listener{},
        BackoffBounds{.shortest = milliseconds(1), .longest = milliseconds(20)});
    boost::asio::co_spawn(io_, Follower::run(follower_), [this](std::exception_ptr escaped) {
      ended_ = true;
      if (escaped) std::rethrow_exception(escaped);
    });
  }
  // Runs until it is so; false after twenty seconds.
  bool run_until(const std::function<bool()>& is_so) {
    const auto deadline = steady_clock::now() + std::chrono::seconds(20);
    io_.restart();
    while (!is_so() && steady_clock::now() < deadline)
      io_.run_one_until(std::min(deadline, steady_clock::now() + milliseconds(10)));
    return is_so();
  }
  bool catches_up() {
    return run_until([this] { return follower_->state().checkpoint == log_.head(); });
  }
  bool fails() {
    return run_until([this] { return follower_->state().phase == FollowerPhase::failing; });
  }
  // So that a fault meets it anywhere.
  void run_a_little() {
    const std::size_t steps = random_() % 60;
    io_.restart();
    for (std::size_t i = 0; i < steps; ++i)
      io_.run_one_until(steady_clock::now() + milliseconds(1));
  }

  std::mt19937 random_{20261121};
  std::shared_ptr<Follower> follower_;
  bool ended_ = false;
};

TEST_F(RedisFaultsTest, TheMirrorIsExactWhateverHappensToRedis) {
  RedisServer server({.append_only = true});
  follow(mirroring(server.url(), "stream:{aggregate_type}"));
  for (int round = 0; round < 30; ++round) {
    append(random_() % 100);
    run_a_little();
    switch (random_() % 3) {
      case 0:
        server.kill();
        run_a_little();
        server.start();
        break;
      case 1:
        server.stop();
        run_a_little();
        server.start();
        break;
      default:
        server.pause();
        ASSERT_TRUE(log_.head() == follower_->state().checkpoint || fails());
        server.resume();
    }
    run_a_little();
  }
  ASSERT_TRUE(catches_up()) << follower_->state().trouble;
  EXPECT_GT(follower_->state().failures, 5U);
  Entries agents;
  Entries tasks;
  const Entries all = whole_log();
  for (std::size_t i = 0; i < all.size(); ++i)
    (log_.at(Offset{i + 1}).aggregate_type == "agent" ? agents : tasks).push_back(all[i]);
  EXPECT_EQ(agents, entries(server, "stream:agent"));
  EXPECT_EQ(tasks, entries(server, "stream:task"));
}

TEST_F(RedisFaultsTest, EveryMessageIsHeardInOrderWhateverHappensToTheConnection) {
  RedisServer server;
  SinkSettings with = settings(server.url());
  with.channels = {*ChannelTemplate::parse("all")};
  Subscriber subscriber(server.port(), {"all"});
  follow(with);
  for (int round = 0; round < 30; ++round) {
    append(random_() % 100);
    run_a_little();
    if (random_() % 3 == 0) {
      server.pause();
      run_a_little();
      ASSERT_TRUE(log_.head() == follower_->state().checkpoint || fails());
      server.resume();
    } else {
      server.ask({"CLIENT", "KILL", "TYPE", "normal"});
    }
  }
  ASSERT_TRUE(catches_up()) << follower_->state().trouble;
  append(1);
  ASSERT_TRUE(catches_up());
  EXPECT_GT(follower_->state().failures, 5U);

  std::map<std::string, std::uint64_t> offsets;
  for (std::uint64_t offset = 1; offset <= log_.head().value; ++offset)
    offsets[message(MessageForm::native, offset, offset - 1)] = offset;
  std::uint64_t heard = 0;
  for (std::size_t i = 0; heard < log_.head().value; ++i) {
    const auto messages = subscriber.wait_for(i + 1);
    ASSERT_LT(i, messages.size()) << "after " << heard << " nothing is heard";
    for (; i < messages.size(); ++i) {
      const std::uint64_t offset = offsets[messages[i].second];
      ASSERT_LE(1U, offset);
      ASSERT_LE(offset, heard + 1) << "a message is missing before it";
      heard = std::max(heard, offset);
    }
    --i;
  }
}

TEST_F(RedisFaultsTest, WhatWasAppendedWhileRedisWasGoneIsPostedAndCountedAsLate) {
  RedisServer server;
  follow(settings(server.url()));
  append(10);
  ASSERT_TRUE(catches_up());
  server.kill();
  append(20);
  ASSERT_TRUE(fails());
  EXPECT_THAT(follower_->state().trouble, HasSubstr(server.url()));
  const std::uint64_t late = follower_->state().events_late;
  server.start();
  ASSERT_TRUE(catches_up());
  EXPECT_EQ(late + 20, follower_->state().events_late);
  EXPECT_EQ(Offset{30}, *book_.checkpoint);
}

TEST_F(RedisFaultsTest, APausedFollowerPublishesNothingAndALateSubscriberMissesNothing) {
  RedisServer server;
  follow(settings(server.url()));
  append(10);
  ASSERT_TRUE(catches_up());
  follower_->pause(true);
  append(15);
  ASSERT_TRUE(run_until([this] { return follower_->state().phase == FollowerPhase::paused; }));
  server.stop();
  server.start();
  Subscriber subscriber(server.port(), {"*"});
  follower_->pause(false);
  ASSERT_TRUE(catches_up());
  const auto messages = subscriber.wait_for(15);
  ASSERT_EQ(15U, messages.size());
  for (std::uint64_t i = 0; i < 15; ++i)
    EXPECT_EQ(message(MessageForm::full, 11 + i), messages[i].second);
}

TEST_F(RedisFaultsTest, ItStopsWhileRedisIsSilent) {
  RedisServer server;
  follow(settings(server.url()));
  append(1);
  ASSERT_TRUE(catches_up());
  server.pause();
  append(10);
  run_a_little();
  const auto before = steady_clock::now();
  follower_->stop();
  EXPECT_TRUE(run_until([this] { return ended_; }));
  EXPECT_LT(steady_clock::now() - before, std::chrono::seconds(5));
}

}  // namespace
}  // namespace daybook::redis
