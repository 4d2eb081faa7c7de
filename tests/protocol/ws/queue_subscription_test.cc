// Queue mode over whole sessions: leases in, acks out, and how members come and go.
#include "protocol/ws/queue_subscription.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "protocol/ws/bounds.h"
#include "storage/model/group.h"
#include "tests/protocol/fake_backend.h"
#include "tests/protocol/ws/connection.h"

namespace daybook::ws {
namespace {

using ::testing::ElementsAre;
using testing::FakeBackend;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using testing::StoredEvent;

// A replay of everything, for whoever subscribes.
class OneReplay final : public ReplayPort {
 public:
  Awaitable<Result<ReplayInfo>> create(Create) override { co_return found(); }
  Result<ReplayInfo> find(const std::string& id) const override {
    if (id == "r1") return found();
    return Error{Errc::not_found, "no such replay"};
  }
  std::vector<ReplayInfo> list() const override { return {}; }
  Awaitable<Result<ReplayInfo>> pause(std::string, bool) override { co_return found(); }
  Awaitable<Result<ReplayInfo>> cancel(std::string) override { co_return found(); }
  Awaitable<Result<void>> remove(std::string) override { co_return Result<void>(); }

 private:
  static Result<ReplayInfo> found() {
    ReplayInfo info;
    info.id = "r1";
    info.queue.committed = Offset{1};
    return info;
  }
};

class QueueSubscriptionTest : public ::testing::Test {
 protected:
  void SetUp() override { put_group("g", GroupMode::queue); }

  template <class T>
  static void run(Awaitable<Result<T>> work) {
    boost::asio::io_context io;
    boost::asio::co_spawn(
        io, std::move(work),
        [](const std::exception_ptr&, const Result<T>& done) { EXPECT_TRUE(done); });
    io.run();
  }
  void put_group(const std::string& name, GroupMode mode) {
    PutGroup put;
    put.group = name;
    put.settings.mode = mode;
    run(backend_.groups.put(put));
  }
  // Subscribes "w" to "g" as "m".
  void subscribe(Connection& connection, std::uint64_t credits = 1000) {
    connection.send(R"({"op":"subscribe","sub":"w","group":"g","member":"m","credits":)" +
                    std::to_string(credits) + "}");
    EXPECT_EQ(R"({"op":"subscribed","sub":"w","after":0})", connection.receive("subscribed"));
  }
  static std::size_t events_in(const std::string& frame) {
    std::size_t count = 0;
    for (auto at = frame.find(R"("attempt":)"); at != std::string::npos;
         at = frame.find(R"("attempt":)", at + 1))
      ++count;
    return count;
  }

  FakeBackend backend_;
  OneReplay replays_;
  Backend port_{backend_.log,    backend_.aggregates,  backend_.groups,
                backend_.groups, backend_.queues,      backend_.dead_letters,
                replays_,        backend_.projections, backend_.operations};
  testing::FakeQueues& queues_ = backend_.queues;
};

TEST_F(QueueSubscriptionTest, EventsComeWithTheirAttemptAndABatchIsOneFrame) {
  backend_.log.add_many(100);
  Connection connection(port_);
  subscribe(connection);
  const std::string batch = connection.receive();
  EXPECT_THAT(batch, StartsWith(R"({"op":"events","sub":"w","events":[{"offset":1,)"));
  EXPECT_THAT(batch, HasSubstr(R"("attempt":1},{"offset":2,)"));
  EXPECT_EQ(100u, events_in(batch));
  backend_.log.add({});
  EXPECT_THAT(connection.receive(), HasSubstr(R"([{"offset":101,)"));
}

TEST_F(QueueSubscriptionTest, NoMoreIsLeasedThanThereAreCredits) {
  backend_.log.add_many(5);
  Connection connection(port_);
  subscribe(connection, 2);
  EXPECT_EQ(2u, events_in(connection.receive("events")));
  connection.settle();
  EXPECT_THAT(queues_.leased_to("m"), ElementsAre(Offset{1}, Offset{2}));
  connection.send(R"({"op":"credit","ref":1,"sub":"w","n":9})");
  EXPECT_EQ(R"({"op":"ok","ref":1})", connection.receive());
  EXPECT_EQ(3u, events_in(connection.receive("events")));
  backend_.log.add_many(9);
  EXPECT_EQ(6u, events_in(connection.receive("events")));
  EXPECT_THAT(queues_.asked(), ElementsAre(2u, 9u, 6u));
}

TEST_F(QueueSubscriptionTest, ALongFrameIsCutAndOneThatIsNotTakenHoldsUpTheNext) {
  StoredEvent large;
  large.payload = '"' + std::string(400'000, 'x') + '"';
  backend_.log.add_many(20, large);
  Connection connection(port_);
  subscribe(connection);
  connection.settle();
  EXPECT_LE(connection.session().outbox().unsent_bytes(), limits::connection_unsent_bytes);
  for (std::size_t count = 0; count < 20;) {
    const std::string frame = connection.receive("events");
    ASSERT_LE(frame.size(), events_frame_bytes_max);
    ASSERT_LT(0u, events_in(frame));
    count += events_in(frame);
  }
}

TEST_F(QueueSubscriptionTest, AnAckIsAnsweredWhereItHasARefOrWasRefused) {
  backend_.log.add_many(3);
  Connection connection(port_);
  subscribe(connection);
  connection.receive("events");
  connection.send(R"({"op":"ack","sub":"w","offsets":[1]})");
  connection.send(R"({"op":"ack","ref":2,"sub":"w","offsets":[2],"attempts":[1]})");
  EXPECT_EQ(R"({"op":"ok","ref":2,"refused":[]})", connection.receive());
  EXPECT_TRUE(queues_.is_finished("g", Offset{1}));
  EXPECT_TRUE(queues_.is_finished("g", Offset{2}));
  connection.send(R"({"op":"extend","ref":3,"sub":"w","offsets":[1,3]})");
  EXPECT_EQ(R"({"op":"ok","ref":3,"refused":[{"offset":1,"code":"lease_expired"}]})",
            connection.receive());
  connection.send(R"({"op":"ack","sub":"w","offsets":[1,3,2]})");
  const std::string expired = connection.receive();
  EXPECT_THAT(expired, StartsWith(R"({"op":"error","sub":"w","code":"lease_expired")"));
  EXPECT_THAT(expired, HasSubstr(R"("offsets":[1,2]})"));
  EXPECT_TRUE(queues_.is_finished("g", Offset{3}));
}

TEST_F(QueueSubscriptionTest, WhatWasGivenBackComesAgainWithTheNextAttempt) {
  backend_.log.add_many(2);
  Connection connection(port_);
  subscribe(connection);
  connection.receive("events");
  connection.send(R"({"op":"nack","ref":1,"sub":"w","offsets":[2],"reason":"busy"})");
  const std::string first = connection.receive();
  const std::string second = connection.receive();
  const bool answered_first = first.starts_with(R"({"op":"ok")");
  EXPECT_EQ(R"({"op":"ok","ref":1,"refused":[]})", answered_first ? first : second);
  EXPECT_THAT(answered_first ? second : first, HasSubstr(R"("attempt":2}]})"));
  EXPECT_EQ("busy", std::get<NackLeases>(queues_.steps().back()).reason);
}

TEST_F(QueueSubscriptionTest, AFailedAckIsAnError) {
  backend_.log.add_many(1);
  Connection connection(port_);
  subscribe(connection);
  connection.receive("events");
  queues_.fail_next({Errc::overloaded, "too much to do"});
  connection.send(R"({"op":"ack","ref":1,"sub":"w","offsets":[1]})");
  EXPECT_THAT(connection.receive(), StartsWith(R"({"op":"error","ref":1,"code":"overloaded")"));
}

TEST_F(QueueSubscriptionTest, AcksInFlightAreBounded) {
  backend_.log.add_many(1);
  queues_.hold_takes(true);
  Connection connection(port_);
  subscribe(connection);
  constexpr std::size_t kExtra = 5;
  for (std::size_t i = 0; i < appends_in_flight_max + kExtra; ++i)
    connection.send(R"({"op":"extend","sub":"w","offsets":[1]})");
  EXPECT_TRUE(connection.run_until([&] { return connection.unheard() == kExtra; }));
  connection.settle();
  EXPECT_EQ(appends_in_flight_max, connection.session().in_flight());
  queues_.hold_takes(false);
  EXPECT_TRUE(connection.run_until(
      [&] { return queues_.steps().size() == appends_in_flight_max + kExtra; }));
}

TEST_F(QueueSubscriptionTest, UnsubscribingGivesTheLeasesBackAfterTheAcksBeforeIt) {
  backend_.log.add_many(2);
  queues_.hold_takes(true);
  Connection connection(port_);
  subscribe(connection);
  connection.receive("events");
  connection.send(R"({"op":"ack","ref":1,"sub":"w","offsets":[1]})");
  connection.send(R"({"op":"unsubscribe","ref":2,"sub":"w"})");
  connection.settle();
  EXPECT_THAT(queues_.left(), IsEmpty());
  queues_.hold_takes(false);
  EXPECT_EQ(R"({"op":"ok","ref":1,"refused":[]})", connection.receive());
  EXPECT_EQ(R"({"op":"ok","ref":2})", connection.receive());
  EXPECT_THAT(queues_.left(), ElementsAre("m"));
  EXPECT_THAT(queues_.lost(), IsEmpty());
  EXPECT_THAT(queues_.leased_to("m"), IsEmpty());
  subscribe(connection);
  EXPECT_THAT(connection.receive(), HasSubstr(R"([{"offset":2,)"));
}

TEST_F(QueueSubscriptionTest, AClientThatClosesLeavesItsQueues) {
  backend_.log.add_many(2);
  Connection connection(port_);
  subscribe(connection);
  connection.receive("events");
  connection.session().ended(Session::Peer::left);
  EXPECT_TRUE(connection.run_until([&] { return connection.tasks() == 0; }));
  EXPECT_THAT(queues_.left(), ElementsAre("m"));
  EXPECT_EQ(0u, queues_.seats());
}

TEST_F(QueueSubscriptionTest, AClientThatIsLostFailsWhatItHolds) {
  backend_.log.add_many(2);
  {
    Connection connection(port_);
    subscribe(connection);
    connection.receive("events");
  }
  EXPECT_THAT(queues_.lost(), ElementsAre("m"));
  EXPECT_THAT(queues_.left(), IsEmpty());
}

TEST_F(QueueSubscriptionTest, AStopAnswersWhatIsInFlightAndLeaves) {
  backend_.log.add_many(2);
  queues_.hold_takes(true);
  Connection connection(port_);
  subscribe(connection);
  connection.receive("events");
  connection.send(R"({"op":"ack","ref":1,"sub":"w","offsets":[1]})");
  connection.settle();
  connection.session().close("stopping");
  queues_.hold_takes(false);
  EXPECT_EQ(R"({"op":"ok","ref":1,"refused":[]})", connection.receive());
  EXPECT_EQ(R"({"op":"goodbye","reason":"stopping"})", connection.receive());
  EXPECT_TRUE(connection.run_until([&] { return connection.tasks() == 0; }));
  EXPECT_THAT(queues_.left(), ElementsAre("m"));
}

TEST_F(QueueSubscriptionTest, ASubscriptionEndsWithItsGroup) {
  Connection connection(port_);
  subscribe(connection);
  connection.settle();
  run(backend_.groups.remove("g"));
  queues_.look_again();
  EXPECT_THAT(connection.receive(),
              StartsWith(R"({"op":"error","sub":"w","code":"unknown_group")"));
  EXPECT_TRUE(connection.run_until([&] { return connection.tasks() == 0; }));
  put_group("g", GroupMode::queue);
  subscribe(connection);
}

TEST_F(QueueSubscriptionTest, APassingFailureEndsNothing) {
  backend_.log.add_many(1);
  queues_.fail_next({Errc::overloaded, "too much to do"});
  Connection connection(port_);
  subscribe(connection);
  EXPECT_THAT(connection.receive(), StartsWith(R"({"op":"events","sub":"w")"));
}

TEST_F(QueueSubscriptionTest, QueuesAndLogsGoSideBySide) {
  put_group("other", GroupMode::queue);
  put_group("log", GroupMode::log);
  Connection connection(port_);
  subscribe(connection);
  connection.send(R"({"op":"subscribe","sub":"o","group":"other","member":"m"})");
  EXPECT_EQ(R"({"op":"subscribed","sub":"o","after":0})", connection.receive("subscribed"));
  connection.send(R"({"op":"subscribe","sub":"l","group":"log","member":"m"})");
  EXPECT_THAT(connection.receive("subscribed"), HasSubstr(R"("generation":1)"));
  EXPECT_THAT(connection.receive(), StartsWith(R"({"op":"caught_up","sub":"l")"));
  connection.settle();
  backend_.log.add({});
  std::vector<std::string> subs;
  for (int i = 0; i < 3; ++i) subs.push_back(connection.receive("events").substr(15, 9));
  EXPECT_THAT(subs,
              ::testing::UnorderedElementsAre(R"("sub":"w")", R"("sub":"o")", R"("sub":"l")"));
}

TEST_F(QueueSubscriptionTest, WhatCannotBeSubscribedToIsRefused) {
  Connection connection(port_);
  subscribe(connection);
  const auto refused = [&](const std::string& members) {
    connection.send(R"({"op":"subscribe","ref":1,)" + members + "}");
    const std::string error = connection.receive("error");
    return error.substr(22, error.find('"', 30) - 22);
  };
  EXPECT_EQ(R"("code":"bad_value)", refused(R"("sub":"w","after":0)"));
  EXPECT_EQ(R"("code":"bad_value)", refused(R"("sub":"x","group":"g","member":"m")"));
  EXPECT_EQ(R"("code":"unknown_group)", refused(R"("sub":"x","group":"none","member":"m")"));
  EXPECT_EQ(R"("code":"not_found)", refused(R"("sub":"x","replay":"none")"));
}

TEST_F(QueueSubscriptionTest, AReplayIsDeliveredToWhoSubscribesToIt) {
  backend_.log.add_many(2);
  queues_.add_replay("r1");
  Connection connection(port_);
  connection.send(R"({"op":"subscribe","sub":5,"replay":"r1"})");
  EXPECT_EQ(R"({"op":"subscribed","sub":5,"after":1})", connection.receive("subscribed"));
  const std::string events = connection.receive();
  EXPECT_THAT(events, HasSubstr(R"("metadata":{"replay":true,"replay_id":"r1"})"));
  EXPECT_THAT(events, HasSubstr(R"("attempt":1,"replay_id":"r1"})"));
  connection.send(R"({"op":"ack","ref":1,"sub":5,"offsets":[1],"replay_id":"other"})");
  EXPECT_THAT(connection.receive(), StartsWith(R"({"op":"error","ref":1,"code":"bad_value")"));
  connection.send(R"({"op":"ack","ref":2,"sub":5,"offsets":[1]})");
  EXPECT_EQ(R"({"op":"ok","ref":2,"refused":[]})", connection.receive());
  connection.send(R"({"op":"ack","ref":3,"sub":5,"offsets":[2],"replay_id":"r1"})");
  EXPECT_EQ(R"({"op":"ok","ref":3,"refused":[]})", connection.receive());
  EXPECT_TRUE(queues_.is_finished(replay_name("r1"), Offset{2}));
}

TEST_F(QueueSubscriptionTest, SubscribersToAReplayAreToldApart) {
  backend_.log.add_many(2);
  queues_.add_replay("r1");
  Connection one(port_);
  Connection two(port_);
  for (Connection* connection : {&one, &two}) {
    connection->send(R"({"op":"subscribe","sub":5,"replay":"r1","credits":1})");
    connection->receive("events");
  }
  one.send(R"({"op":"ack","ref":1,"sub":5,"offsets":[1,2]})");
  EXPECT_EQ(R"({"op":"ok","ref":1,"refused":[{"offset":2,"code":"lease_expired"}]})",
            one.receive());
}

TEST_F(QueueSubscriptionTest, AMemberOfAGroupAcksWhatAReplayGaveIt) {
  backend_.log.add_many(1);
  Connection connection(backend_.port);
  subscribe(connection);
  connection.receive("events");
  queues_.add_replay("r1", "g");
  backend_.replays.add("r1", "g");
  EXPECT_THAT(connection.receive(), HasSubstr(R"("replay_id":"r1"}]})"));
  connection.send(R"({"op":"ack","ref":1,"sub":"w","offsets":[1],"replay_id":"r1"})");
  EXPECT_EQ(R"({"op":"ok","ref":1,"refused":[]})", connection.receive());
  EXPECT_TRUE(queues_.is_finished(replay_name("r1"), Offset{1}));
  EXPECT_FALSE(queues_.is_finished("g", Offset{1}));
}

}  // namespace
}  // namespace daybook::ws
