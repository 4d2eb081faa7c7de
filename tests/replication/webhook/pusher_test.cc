// A pusher between a queue of the test's own and a real endpoint on loopback.
#include "replication/webhook/pusher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/replication/webhook/hook_server.h"

namespace daybook::webhook {
namespace {

using boost::asio::awaitable;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::HasSubstr;

// What the pusher told, as lines: "ack 1/1", "nack 2/1 120000 answered 503", "leave".
struct Told {
  std::vector<std::string> lines;
  std::size_t extended = 0;
};

// Gives what is in `ready`, then waits.
class Queue final : public DeliverySource {
 public:
  Queue(const boost::asio::any_io_executor& executor, Told& told)
      : told_(told), woken_(executor, boost::asio::steady_timer::time_point::max()) {}

  void add(std::uint64_t offset, Attempt attempt = 1, std::string replay_id = {}) {
    ready_.push_back(lease(offset, attempt, std::move(replay_id)));
    woken_.cancel();
  }
  void fail(Error error) {
    failure_ = std::move(error);
    woken_.cancel();
  }
  std::uint32_t asked_at_most() const { return asked_at_most_; }

  awaitable<Result<Batch>> next(std::uint32_t max) override {
    asked_at_most_ = std::max(asked_at_most_, max);
    if (ready_.empty() && !failure_ && !is_woken_)
      co_await woken_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (failure_) co_return *failure_;
    Batch batch;
    for (; batch.tags.size() < max && !ready_.empty(); ready_.erase(ready_.begin())) {
      EventView event;
      event.offset = ready_.front().offset;
      event.id.text = "e";
      event.payload = "{}";
      event.metadata = "{}";
      event.schema_version = "1";
      batch.page.events.push_back(event);
      batch.tags.push_back(ready_.front());
    }
    co_return batch;
  }
  void wake() override {
    is_woken_ = true;
    woken_.cancel();
  }
  awaitable<void> ack(Lease lease) override {
    told_.lines.push_back("ack " + named(lease));
    co_return;
  }
  awaitable<void> nack(Lease lease, std::optional<milliseconds> delay,
                       std::string reason) override {
    told_.lines.push_back("nack " + named(lease) + ' ' +
                          (delay ? std::to_string(delay->count()) : "-") + ' ' + reason);
    co_return;
  }
  awaitable<void> extend(Lease) override {
    ++told_.extended;
    co_return;
  }
  void leave() override { told_.lines.emplace_back("leave"); }

 private:
  static Lease lease(std::uint64_t offset, Attempt attempt, std::string replay_id) {
    Lease lease;
    lease.offset = Offset{offset};
    lease.attempt = attempt;
    lease.replay_id = std::move(replay_id);
    return lease;
  }
  static std::string named(const Lease& lease) {
    return std::to_string(lease.offset.value) + '/' + std::to_string(lease.attempt) +
           lease.replay_id;
  }

  Told& told_;
  boost::asio::steady_timer woken_;
  std::vector<Lease> ready_;
  std::optional<Error> failure_;
  bool is_woken_ = false;
  std::uint32_t asked_at_most_ = 0;
};

class PusherTest : public testing::Test {
 protected:
  struct Keep {
    std::optional<Result<void>>& ended;
    void operator()(std::exception_ptr escaped, Result<void> result) const {
      if (escaped) std::rethrow_exception(escaped);
      ended = std::move(result);
    }
  };
  struct Nothing {
    void operator()(std::exception_ptr escaped) const {
      if (escaped) std::rethrow_exception(escaped);
    }
  };

  void start(const HookServer& server, Pusher::Settings settings) {
    auto world = std::make_shared<Poster::World>();
    world->destinations = *Destinations::parse({"127.0.0.1"});
    world->trust = *Trust::open("");
    const auto executor = io_.get_executor();
    auto queue = std::make_unique<Queue>(executor, told_);
    queue_ = queue.get();
    auto poster = std::make_unique<Poster>(executor, world, Poster::Target{.url = server.url()},
                                           Resolve());  // There is no name to resolve.
    pusher_ = std::make_shared<Pusher>(
        executor, std::move(settings), std::move(queue), std::move(poster),
        [this](awaitable<void> task) { boost::asio::co_spawn(io_, std::move(task), Nothing{}); });
    boost::asio::co_spawn(io_, Pusher::run(pusher_), Keep{ended_});
  }

  template <class Done>
  void run_until(Done done) {
    const auto deadline = steady_clock::now() + std::chrono::seconds(20);
    while (!done() && steady_clock::now() < deadline) io_.run_for(milliseconds(2)), io_.restart();
    ASSERT_TRUE(done());
  }
  void run_until_told(std::size_t lines) {
    run_until([&] { return told_.lines.size() >= lines; });
  }
  void stop() {
    pusher_->stop();
    run_until([&] { return ended_.has_value(); });
  }

  boost::asio::io_context io_{1};
  Told told_;
  std::optional<Result<void>> ended_;
  Queue* queue_ = nullptr;  // the pusher's
  std::shared_ptr<Pusher> pusher_;
};

TEST_F(PusherTest, AcksWhatIsTakenAndNacksTheRest) {
  HookServer server([](const Received& request) {
    const std::string id = request.headers.at("webhook-id");
    if (id.ends_with("-2")) return answer("503 Service Unavailable", "", "Retry-After: 120\r\n");
    return id.ends_with("-3") ? answer("400 Bad Request", "no") : answer("200 OK");
  });
  start(server, {.group = "g", .source = "urn:x", .parallel = 1});
  for (const std::uint64_t offset : {1U, 2U, 3U, 4U}) queue_->add(offset, 7);
  run_until_told(4);
  stop();
  EXPECT_TRUE(*ended_);
  EXPECT_THAT(told_.lines,
              ElementsAre("ack 1/7", "nack 2/7 120000 answered 503 Service Unavailable",
                          "nack 3/7 - answered 400 Bad Request: no", "ack 4/7", "leave"));
  const auto received = server.received();
  EXPECT_EQ("g-1", received[0].headers.at("webhook-id"));
  EXPECT_THAT(received[0].body, HasSubstr(R"("source":"urn:x")"));
  EXPECT_THAT(received[0].body, HasSubstr(R"("group":"g","attempt":7)"));
}

TEST_F(PusherTest, AnIdIsThatOfItsGroupOffsetAndReplay) {
  HookServer server([](const Received&) { return answer("200 OK"); });
  start(server, {.group = "a b/é.1", .source = "urn:x", .parallel = 1});
  queue_->add(1, 1);
  queue_->add(1, 2);
  queue_->add(1, 1, "r-1");
  run_until_told(3);
  stop();
  const auto received = server.received();
  EXPECT_EQ("a%20b%2F%C3%A9.1-1", received[0].headers.at("webhook-id"));
  EXPECT_EQ("a%20b%2F%C3%A9.1-1", received[1].headers.at("webhook-id"));
  EXPECT_EQ("a%20b%2F%C3%A9.1-1-r-1", received[2].headers.at("webhook-id"));
  EXPECT_THAT(received[2].body, HasSubstr(R"("replayid":"r-1")"));
  EXPECT_EQ("ack 1/1r-1", told_.lines[2]);
}

TEST_F(PusherTest, HasNoMoreAttemptsUnderWayThanParallelSays) {
  Gate gate;
  std::atomic<int> under_way{0};
  std::atomic<int> most{0};
  HookServer server([&](const Received&) {
    const int now_under_way = ++under_way;
    for (int seen = most; seen < now_under_way && !most.compare_exchange_weak(seen, now_under_way);)
      continue;
    gate.wait();
    --under_way;
    return answer("200 OK");
  });
  start(server, {.group = "g", .source = "urn:x", .parallel = 3});
  for (std::uint64_t offset = 1; offset <= 10; ++offset) queue_->add(offset);
  run_until([&] { return under_way == 3; });
  EXPECT_EQ(3U, queue_->asked_at_most());
  gate.open();
  run_until_told(10);
  stop();
  EXPECT_EQ(3, most);
  EXPECT_EQ(10U, server.received().size());
}

TEST_F(PusherTest, ExtendsTheLeaseOfASlowAttempt) {
  Gate gate;
  HookServer server([&](const Received&) {
    gate.wait();
    return answer("200 OK");
  });
  start(server, {.group = "g", .source = "urn:x", .parallel = 1, .ack_timeout = milliseconds(60)});
  queue_->add(1);
  run_until([&] { return told_.extended >= 3; });
  EXPECT_TRUE(told_.lines.empty());
  gate.open();
  run_until_told(1);
  stop();
  EXPECT_THAT(told_.lines, ElementsAre("ack 1/1", "leave"));
}

TEST_F(PusherTest, StopGivesBackWhatIsUnderWay) {
  Gate gate;
  HookServer server([&](const Received&) {
    gate.wait();
    return answer("200 OK");
  });
  start(server, {.group = "g", .source = "urn:x", .parallel = 2});
  queue_->add(1);
  queue_->add(2);
  run_until([&] { return server.received().size() == 2; });
  stop();
  EXPECT_TRUE(*ended_);
  EXPECT_THAT(told_.lines, ElementsAre("leave"));
  gate.open();
}

TEST_F(PusherTest, EndsWithTheErrorOfItsQueue) {
  Gate gate;
  HookServer server([&](const Received&) {
    gate.wait();
    return answer("200 OK");
  });
  start(server, {.group = "g", .source = "urn:x", .parallel = 2});
  queue_->add(1);
  run_until([&] { return server.received().size() == 1; });
  queue_->fail({Errc::unknown_group, "it was deleted"});
  run_until([&] { return ended_.has_value(); });
  ASSERT_FALSE(*ended_);
  EXPECT_EQ(Errc::unknown_group, ended_->error().code);
  EXPECT_THAT(told_.lines, ElementsAre("leave"));
  gate.open();
}

}  // namespace
}  // namespace daybook::webhook
