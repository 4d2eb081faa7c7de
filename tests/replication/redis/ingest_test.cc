// What producers publish on a real Redis arrives in the log, in order and once, whatever happens to
// either side.
#include "replication/redis/ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/replication/redis/memory_target.h"
#include "tests/replication/redis/redis_server.h"

namespace daybook::redis {
namespace {

namespace asio = boost::asio;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

// An event of the Platform with the payload {"n":N,…}.
std::string event(int n, const std::string& more = {}) {
  return R"({"event_type":"t","aggregate_type":"a",)"
         R"("aggregate_id":"550e8400-e29b-41d4-a716-446655440000","payload":)" +
         ("{\"n\":" + std::to_string(n) + more + "}}");
}

// For good, in whatever event the word stands.
std::optional<Error> refuse_poison(const Append& append) {
  for (const Draft& draft : append.events)
    if (draft.payload.find("poison") != std::string_view::npos)
      return Error{Errc::limit_exceeded, "no"};
  return std::nullopt;
}

class IngestTest : public ::testing::Test {
 protected:
  void TearDown() override {
    if (!ingest_) return;
    log_->open();
    ingest_->stop();
    wait_until([&] { return has_ended_; });
  }

  // Returns once it is subscribed.
  void start(Ingest::Settings settings) {
    run(std::move(settings));
    wait_for(FollowerPhase::following);
  }
  void start() { start(settings()); }
  Ingest::Settings settings() {
    Ingest::Settings settings;
    settings.connection.url = *parse_url(server_.url());
    settings.patterns = {"old:*"};
    settings.backoff = {.shortest = 1ms, .longest = 20ms};
    return settings;
  }
  void run(Ingest::Settings settings) {
    ingest_ = std::make_shared<Ingest>(
        io_.get_executor(), std::move(settings), std::make_unique<testing::MemoryTarget>(log_),
        [this](const FollowerState& state) { told_.push_back(state); });
    asio::co_spawn(io_, Ingest::run(ingest_), [this](std::exception_ptr thrown) {
      has_ended_ = true;
      EXPECT_FALSE(thrown);
    });
  }
  void publish(const std::string& text, const std::string& channel = "old:agent") {
    EXPECT_LT(0, server_.ask({"PUBLISH", channel, text}).integer);
  }
  // What was published so far, as far as it is read at all.
  void receive_all() {
    server_.ask({"PING"});  // Behind everything that Redis has to send.
    io_.restart();
    io_.poll();
  }
  template <class Fact>
  void wait_until(Fact is_so) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!is_so()) {
      io_.restart();
      ASSERT_LT(0u, io_.run_one_until(deadline)) << "it has not become so";
    }
  }
  void wait_for(FollowerPhase phase) {
    wait_until([&] { return ingest_->state().phase == phase; });
  }
  void wait_for_events(std::size_t count) {
    wait_until([&] { return log_->events.size() >= count && ingest_->state().events >= count; });
  }
  void expect_numbers(int from, int to) const {
    ASSERT_EQ(static_cast<std::size_t>(to - from), log_->events.size());
    for (int n = from; n < to; ++n)
      EXPECT_THAT(log_->events[static_cast<std::size_t>(n - from)].second,
                  ::testing::StartsWith("{\"n\":" + std::to_string(n)));
  }
  std::size_t times_told(FollowerPhase phase) const {
    return static_cast<std::size_t>(std::ranges::count(told_, phase, &FollowerState::phase));
  }

  testing::RedisServer server_;
  asio::io_context io_;
  std::shared_ptr<testing::MemoryTarget::Log> log_ =
      std::make_shared<testing::MemoryTarget::Log>(io_.get_executor());
  std::shared_ptr<Ingest> ingest_;
  std::vector<FollowerState> told_;
  bool has_ended_ = false;
};

TEST_F(IngestTest, AppendsInTheOrderOfRedisSeveralAtOnce) {
  start();
  log_->close();
  for (int n = 0; n < 300; ++n) publish(event(n));
  receive_all();
  log_->open();
  wait_for_events(300);
  expect_numbers(0, 300);
  EXPECT_LT(log_->appends, 300u);
  EXPECT_EQ(300u, ingest_->state().events);
  EXPECT_EQ(0u, ingest_->state().failures);
  EXPECT_EQ(0u, ingest_->interruptions());
}

TEST_F(IngestTest, HearsItsPatternsAlone) {
  start();
  server_.ask({"PUBLISH", "new:agent", event(0)});
  publish(event(1));
  wait_for_events(1);
  expect_numbers(1, 2);
}

TEST_F(IngestTest, TakesAMessageOnceThatSeveralPatternsMatch) {
  Ingest::Settings settings = this->settings();
  settings.patterns = {"old:*", "*:agent", "old:a*", "other"};
  start(std::move(settings));
  publish(event(0));
  publish(event(1), "old:task");
  publish(event(2));
  publish(event(3));
  publish(event(4), "other");
  wait_for_events(5);
  expect_numbers(0, 5);
  publish(event(5));
  publish(event(5));
  wait_for_events(7);
  EXPECT_EQ(7u, log_->events.size());
}

TEST_F(IngestTest, WhatIsNoEventIsAppendedAsOneThatTells) {
  start();
  publish("hello");
  publish(event(1));
  publish("\xFF");
  wait_for_events(3);
  EXPECT_EQ(kRefusedEventType, log_->events[0].first);
  EXPECT_THAT(log_->events[0].second, HasSubstr("\"message\":\"hello\""));
  EXPECT_EQ("{\"n\":1}", log_->events[1].second);
  EXPECT_THAT(log_->events[2].second, HasSubstr("\"message_base64\":\"/w==\""));
  EXPECT_EQ(3u, ingest_->state().events);
  EXPECT_EQ(2u, ingest_->state().failures);
}

TEST_F(IngestTest, TriesAgainUntilTheLogTakesIt) {
  start();
  int attempts = 0;
  log_->refusal = [&](const Append&) -> std::optional<Error> {
    if (++attempts > 20) return std::nullopt;
    return Error{Errc::disk_full, "the disk is full"};
  };
  for (int n = 0; n < 50; ++n) publish(event(n));
  wait_for(FollowerPhase::failing);
  EXPECT_EQ("the disk is full", ingest_->state().trouble);
  wait_for_events(50);
  expect_numbers(0, 50);
  EXPECT_EQ(1u, times_told(FollowerPhase::failing));
  EXPECT_EQ(FollowerPhase::following, ingest_->state().phase);
}

TEST_F(IngestTest, WhatTheLogRefusesForGoodIsAloneInThat) {
  start();
  log_->refusal = refuse_poison;
  log_->close();
  publish(event(0));
  wait_until([&] { return log_->appends == 1; });
  for (int n = 1; n < 9; ++n) publish(event(n));
  publish(event(9, R"(,"x":"poison")"));
  publish(event(10));
  receive_all();
  log_->open();
  wait_for_events(11);
  ASSERT_EQ(11u, log_->events.size());
  // The log refuses the text in whatever event it stands: so it is left out.
  EXPECT_EQ(kRefusedEventType, log_->events[9].first);
  EXPECT_THAT(log_->events[9].second,
              AllOf(HasSubstr("\"message_bytes\":"), Not(HasSubstr("\"x\""))));
  EXPECT_EQ("{\"n\":8}", log_->events[8].second);
  EXPECT_EQ("{\"n\":10}", log_->events[10].second);
  EXPECT_EQ(1u, ingest_->state().failures);
}

// The second one comes when the first is known to be alone.
TEST_F(IngestTest, TwoThatAreRefusedForGoodDoNotHoldEachOtherUp) {
  start();
  log_->refusal = [&](const Append& append) {
    if (log_->appends == 1) log_->close();
    return refuse_poison(append);
  };
  publish(event(0, R"(,"x":"poison")"));
  wait_until([&] { return log_->appends == 2; });
  publish(event(1, R"(,"x":"poison")"));
  publish(event(2));
  receive_all();
  log_->open();
  wait_for_events(3);
  EXPECT_EQ(kRefusedEventType, log_->events[0].first);
  EXPECT_EQ(kRefusedEventType, log_->events[1].first);
  EXPECT_EQ("{\"n\":2}", log_->events[2].second);
  EXPECT_EQ(2u, ingest_->state().failures);
}

TEST_F(IngestTest, SubscribesAgainAndSaysWhatWasNotReceived) {
  start();
  publish(event(0));
  wait_for_events(1);
  server_.kill();
  wait_for(FollowerPhase::failing);
  EXPECT_THAT(ingest_->state().trouble,
              HasSubstr("what is published meanwhile is not received, Redis keeps none"));
  EXPECT_EQ(1u, ingest_->interruptions());
  server_.start();
  wait_for(FollowerPhase::following);
  publish(event(1));
  wait_for_events(2);
  expect_numbers(0, 2);
  EXPECT_EQ(1u, ingest_->interruptions());
  EXPECT_EQ("", ingest_->state().trouble);
}

TEST_F(IngestTest, WaitsForARedisThatIsNotThereYetAndCountsNoInterruption) {
  server_.stop();
  run(settings());
  wait_for(FollowerPhase::failing);
  server_.start();
  wait_for(FollowerPhase::following);
  EXPECT_EQ(0u, ingest_->interruptions());
}

// With the commands that docs/redis-ingest.md asks for, and at first another channel.
TEST_F(IngestTest, MayNotSubscribeAndSaysSoWithoutThePassword) {
  server_.ask({"ACL", "SETUSER", "old", "on", ">hunter2", "resetchannels", "&new:*", "-@all",
               "+psubscribe", "+client|setname", "+role"});
  Ingest::Settings settings = this->settings();
  settings.connection.url = *parse_url(server_.url("old:hunter2"));
  run(std::move(settings));
  wait_for(FollowerPhase::failing);
  EXPECT_THAT(ingest_->state().trouble, AllOf(HasSubstr("NOPERM"), Not(HasSubstr("hunter2"))));
  server_.ask({"ACL", "SETUSER", "old", "&old:*"});
  wait_for(FollowerPhase::following);
}

// Where it went on reading, Redis would never have anything to keep for it.
TEST_F(IngestTest, StopsReadingAtItsBoundAndLosesNothingItHasRead) {
  server_.ask({"CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 0 0"});
  Ingest::Settings settings = this->settings();
  settings.messages_max = 10;
  start(std::move(settings));
  log_->close();
  const std::string padding = ",\"x\":\"" + std::string(64 << 10, 'x') + '"';
  const auto subscribers = [&] { return server_.ask({"PUBSUB", "NUMPAT"}).integer; };
  int n = 0;
  for (; subscribers() > 0 && n < 4000; ++n) {
    server_.ask({"PUBLISH", "old:agent", event(n, padding)});
    receive_all();
  }
  ASSERT_EQ(0, subscribers());
  log_->open();
  wait_until([&] { return ingest_->interruptions() == 1; });
  EXPECT_LE(log_->largest, 10u);
  ASSERT_LE(10u, log_->events.size());
  ASSERT_GT(static_cast<std::size_t>(n), log_->events.size());
  expect_numbers(0, static_cast<int>(log_->events.size()));
  wait_for(FollowerPhase::following);
}

TEST_F(IngestTest, AppendsWhatItHasReceivedBeforeItStops) {
  start();
  log_->close();
  publish(event(0));
  wait_until([&] { return log_->appends == 1; });
  for (int n = 1; n < 5; ++n) publish(event(n));
  receive_all();
  ingest_->stop();
  log_->open();
  wait_until([&] { return has_ended_; });
  expect_numbers(0, 5);
  EXPECT_EQ(FollowerPhase::stopped, ingest_->state().phase);
  EXPECT_EQ(0u, ingest_->interruptions());
}

TEST_F(IngestTest, StopsAlthoughTheLogTakesNothingAndSaysWhatIsLost) {
  std::size_t offered = 0;
  log_->refusal = [&](const Append& append) {
    offered = append.events.size();
    return Error{Errc::recovering, "not yet"};
  };
  start();
  publish(event(0));
  publish(event(1));
  wait_until([&] { return offered == 2; });
  ingest_->stop();
  wait_until([&] { return has_ended_; });
  EXPECT_EQ(FollowerPhase::stopped, ingest_->state().phase);
  EXPECT_EQ("2 messages are lost: not yet", ingest_->state().trouble);
}

TEST_F(IngestTest, StopsWhileItWaitsForAServer) {
  server_.stop();
  Ingest::Settings settings = this->settings();
  settings.backoff = {.shortest = 1h, .longest = 1h};
  run(std::move(settings));
  wait_for(FollowerPhase::failing);
  ingest_->stop();
  wait_until([&] { return has_ended_; });
  EXPECT_EQ(FollowerPhase::stopped, ingest_->state().phase);
}

}  // namespace
}  // namespace daybook::redis
