// Which groups are pushed, from their settings to an endpoint on loopback and back to their queue.
#include "daemon/push/pushers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <mutex>

#include "daemon/net/spawn.h"
#include "tests/replication/webhook/hook_server.h"

namespace daybook {
namespace {

using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::HasSubstr;
using webhook::answer;
using webhook::HookServer;
using webhook::Received;

std::string ok(const Received&) {
  return answer("200 OK");
}

// Queues of any name that lease what `ready` has to whoever asks first.
class Queues final : public QueuePort {
 public:
  struct Ready {
    Offset offset;
    std::string replay_id;
  };

  Awaitable<Result<Leased>> fetch(Fetch) override { co_return Leased(); }
  Awaitable<Result<std::unique_ptr<QueueMember>>> join(std::string queue,
                                                       std::string member) override;
  Awaitable<Result<std::vector<Offset>>> take(std::string queue, QueueStep step) override {
    std::string line;
    if (const auto* ack = std::get_if<AckLeases>(&step))
      line = "ack by " + ack->member + ' ' + std::to_string(ack->leases.at(0).offset.value) + '/' +
             std::to_string(ack->leases.at(0).attempt.value());
    if (const auto* nack = std::get_if<NackLeases>(&step))
      line =
          "nack " + (nack->delay ? std::to_string(nack->delay->count()) : "-") + ' ' + nack->reason;
    tell(queue + ": " + line);
    co_return std::vector<Offset>();
  }

  void tell(std::string line) {
    const std::scoped_lock lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> lines() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }
  void add(Ready ready) {
    const std::scoped_lock lock(mutex_);
    ready_.push_back(std::move(ready));
  }
  std::optional<Ready> pop() {
    const std::scoped_lock lock(mutex_);
    if (ready_.empty()) return std::nullopt;
    Ready first = std::move(ready_.front());
    ready_.pop_front();
    return first;
  }
  std::atomic<int> refusals{0};  // of the joins to come

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  std::deque<Ready> ready_;
};

class Member final : public QueueMember {
 public:
  Member(Queues& queues, std::string queue, const boost::asio::any_io_executor& executor)
      : queues_(queues),
        queue_(std::move(queue)),
        woken_(executor, boost::asio::steady_timer::time_point::max()) {}

  Awaitable<Result<Leased>> next(std::uint32_t) override {
    Leased leased;
    if (auto ready = queues_.pop()) {
      EventView event;
      event.offset = ready->offset;
      event.id.text = "e";
      event.payload = "{}";
      event.metadata = "{}";
      event.schema_version = "1";
      leased.page.events.push_back(event);
      leased.tags.push_back({.attempt = 3, .replay_id = ready->replay_id});
    } else if (!is_woken_) {
      co_await woken_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return leased;
  }
  void wake() override {
    is_woken_ = true;
    woken_.cancel();
  }
  void leave() override { queues_.tell(queue_ + ": leave"); }

 private:
  Queues& queues_;
  const std::string queue_;
  boost::asio::steady_timer woken_;
  bool is_woken_ = false;
};

Awaitable<Result<std::unique_ptr<QueueMember>>> Queues::join(std::string queue, std::string) {
  const auto executor = co_await boost::asio::this_coro::executor;
  tell(queue + ": join");
  if (refusals-- > 0) co_return Error{Errc::recovering, "not yet"};
  std::unique_ptr<QueueMember> member = std::make_unique<Member>(*this, std::move(queue), executor);
  co_return member;
}

// Groups that are what the test says.
class Groups final : public GroupPort {
 public:
  std::vector<GroupInfo> list() const override {
    const std::scoped_lock lock(mutex_);
    return groups_;
  }
  void set(std::vector<GroupInfo> groups) {
    const std::scoped_lock lock(mutex_);
    groups_ = std::move(groups);
  }
  Awaitable<Result<Put>> put(PutGroup) override { co_return Error(); }
  Awaitable<Result<GroupInfo>> find(std::string) override { co_return Error(); }
  std::optional<GroupMode> mode(const std::string&) const override { return GroupMode::queue; }
  Awaitable<Result<void>> remove(std::string) override { co_return Error(); }
  Awaitable<Result<Offset>> commit(CommitOffset) override { co_return Error(); }
  Awaitable<Result<Offset>> reset(ResetGroup) override { co_return Error(); }
  Awaitable<Result<GroupInfo>> pause(PauseGroup) override { co_return Error(); }

 private:
  mutable std::mutex mutex_;
  std::vector<GroupInfo> groups_;
};

GroupSettings pushed_to(std::string url, std::string secret = {}) {
  GroupSettings settings;
  settings.mode = GroupMode::queue;
  settings.queue.push = PushTarget{.url = std::move(url), .secret = std::move(secret)};
  return settings;
}

GroupInfo group(const std::string& name, GroupSettings settings) {
  GroupInfo info;
  info.name = name;
  info.row.settings = std::move(settings);
  return info;
}

class PushersTest : public testing::Test {
 protected:
  PushersTest() {
    threads_.start();
    pushers_.emplace(threads_, groups_, queues_, *Pushers::open({.allow = {"127.0.0.1"}}), "urn:x");
  }
  ~PushersTest() override {
    pushers_->stop();
    until([] { return net::live_tasks() == 0; });
    threads_.each([](IoThread& thread) { thread.stop(); });
    threads_.each([](IoThread& thread) { thread.join(); });
  }

  static void until(const std::function<bool()>& done) {
    const auto deadline = steady_clock::now() + std::chrono::seconds(20);
    while (!done() && steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(done());
  }
  void until_told(std::size_t lines) {
    until([this, lines] { return queues_.lines().size() >= lines; });
  }
  void change(std::vector<GroupInfo> groups) {
    groups_.set(std::move(groups));
    pushers_->groups_changed();
  }

  Groups groups_;
  Queues queues_;
  IoThreads threads_{2};
  std::optional<Pushers> pushers_;
};

TEST_F(PushersTest, AGroupWithPushIsPushed) {
  HookServer server(ok);
  queues_.add({.offset = {1}, .replay_id = ""});
  change({group("g", pushed_to(server.url(), "secret")), group("log", {})});
  until_told(2);
  EXPECT_THAT(queues_.lines(), ElementsAre("g: join", "g: ack by daybook:push 1/3"));
  const Received received = server.received().at(0);
  EXPECT_THAT(received.body, HasSubstr(R"("source":"urn:x")"));
  EXPECT_TRUE(received.headers.contains("webhook-signature"));
}

TEST_F(PushersTest, WhatBecameOfAReplayedEventIsToldToTheReplay) {
  HookServer server([](const Received& request) {
    return request.headers.at("webhook-id") == "g-2-r"
               ? answer("429 Too Many Requests", "", "Retry-After: 3\r\n")
               : answer("200 OK");
  });
  queues_.add({.offset = {1}, .replay_id = "r"});
  queues_.add({.offset = {2}, .replay_id = "r"});
  GroupSettings settings = pushed_to(server.url());
  settings.queue.push->parallel = 1;
  change({group("g", settings)});
  until_told(3);
  EXPECT_THAT(queues_.lines(),
              ElementsAre("g: join", replay_name("r") + ": ack by daybook:push 1/3",
                          replay_name("r") + ": nack 3000 answered 429 Too Many Requests"));
}

TEST_F(PushersTest, ChangedSettingsBeginAnew) {
  HookServer one(ok);
  HookServer other(ok);
  change({group("g", pushed_to(one.url()))});
  until_told(1);
  change({group("g", pushed_to(one.url()))});
  queues_.add({.offset = {1}, .replay_id = ""});
  change({group("g", pushed_to(other.url()))});
  until_told(4);
  EXPECT_THAT(queues_.lines(),
              ElementsAre("g: join", "g: leave", "g: join", "g: ack by daybook:push 1/3"));
  EXPECT_EQ(0U, one.connections());
  EXPECT_EQ(1U, other.received().size());
}

TEST_F(PushersTest, ADeletedGroupIsLeft) {
  HookServer server(ok);
  change({group("g", pushed_to(server.url()))});
  until_told(1);
  change({});
  until_told(2);
  EXPECT_THAT(queues_.lines(), ElementsAre("g: join", "g: leave"));
  until([] { return net::live_tasks() == 0; });
}

TEST_F(PushersTest, AQueueThatFailsIsAskedAgain) {
  HookServer server(ok);
  queues_.refusals = 1;
  queues_.add({.offset = {1}, .replay_id = ""});
  change({group("g", pushed_to(server.url()))});
  until_told(3);
  EXPECT_THAT(queues_.lines(), ElementsAre("g: join", "g: join", "g: ack by daybook:push 1/3"));
}

TEST_F(PushersTest, NothingIsPushedToWhereTheConfigurationForbidsItNow) {
  HookServer server(ok, std::nullopt, "127.0.0.2");
  queues_.add({.offset = {1}, .replay_id = ""});
  HookServer allowed(ok);
  change({group("a", pushed_to(server.url("127.0.0.2"))), group("b", pushed_to(allowed.url()))});
  until_told(2);
  EXPECT_THAT(queues_.lines(), ElementsAre("b: join", "b: ack by daybook:push 1/3"));
  EXPECT_EQ(0U, server.connections());
}

TEST_F(PushersTest, RefusesSettingsThatCouldNeverBePushed) {
  EXPECT_FALSE(pushers_->refusal(GroupSettings()));
  EXPECT_FALSE(pushers_->refusal(pushed_to("http://127.0.0.1:1/")));
  EXPECT_FALSE(pushers_->refusal(pushed_to("http://a.example/"))) << "it may be at 127.0.0.1";
  EXPECT_FALSE(pushers_->refusal(pushed_to("http://127.0.0.1/", "whsec_YWJj")));
  auto refused = pushers_->refusal(pushed_to("http://127.0.0.2/"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(Errc::bad_value, refused->code);
  EXPECT_EQ("/push/url", refused->pointer);
  EXPECT_EQ("/push/url", pushers_->refusal(pushed_to("ftp://127.0.0.1/"))->pointer);
  EXPECT_EQ("/push/secret", pushers_->refusal(pushed_to("http://127.0.0.1/", "whsec_!"))->pointer);
}

TEST(PushersOpen, NamesWhatIsWrong) {
  EXPECT_THAT(Pushers::open({.allow = {"a b"}}).error().detail, HasSubstr("\"a b\""));
  EXPECT_THAT(Pushers::open({.ca_file = "/nowhere"}).error().detail, HasSubstr("/nowhere"));
}

}  // namespace
}  // namespace daybook
