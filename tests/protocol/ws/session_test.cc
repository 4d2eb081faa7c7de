// Sessions over a log in memory: frames in, frames out.
#include "protocol/ws/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "protocol/ws/bounds.h"
#include "tests/protocol/fake_backend.h"
#include "tests/protocol/ws/connection.h"
#include "tests/protocol/ws/holding_log.h"

namespace daybook::ws {
namespace {

using testing::FakeBackend;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::StoredEvent;

constexpr const char* kAppend =
    R"({"op":"append","ref":1,"events":[{"event_type":"a.b","aggregate_type":"a",)"
    R"("aggregate_id":"x"}]})";

class SessionTest : public ::testing::Test {
 protected:
  void put_group(const std::string& name, Filter filter = {}) {
    PutGroup put;
    put.group = name;
    put.settings.filter = std::move(filter);
    put.settings.member_timeout_ms = 1000;
    put.if_any_revision = true;
    boost::asio::io_context io;
    boost::asio::co_spawn(io, backend_.groups.put(std::move(put)),
                          [](const std::exception_ptr&, const Result<GroupPort::Put>&) {});
    io.run();
  }

  FakeBackend backend_;
};

TEST_F(SessionTest, WelcomeComesFirst) {
  backend_.log.add_many(3);
  Connection connection(backend_.port);
  const std::string welcome = connection.receive();
  EXPECT_THAT(welcome, StartsWith(R"({"op":"welcome","version":"0.1.0","head":3,"limits":{)"));
  EXPECT_THAT(welcome, HasSubstr(R"("ping_ms":15000})"));
}

TEST_F(SessionTest, AnAppendIsAnsweredWithItsReceiptAndRef) {
  Connection connection(backend_.port);
  connection.send(kAppend);
  EXPECT_THAT(connection.receive("appended"),
              StartsWith(R"({"op":"appended","ref":1,"first_offset":1,"last_offset":1,)"));
  EXPECT_EQ(Offset{1}, backend_.log.head());
}

TEST_F(SessionTest, ARefusedAppendIsAnErrorWithItsConflicts) {
  backend_.log.add({});
  Connection connection(backend_.port);
  connection.send(R"({"op":"append","ref":"r","events":[{"event_type":"a.b",)"
                  R"("aggregate_type":"order","aggregate_id":"o-1","expected_sequence":0}]})");
  const std::string error = connection.receive("error");
  EXPECT_THAT(error, StartsWith(R"({"op":"error","ref":"r","code":"sequence_conflict")"));
  EXPECT_THAT(error, HasSubstr(R"("actual":1)"));
}

TEST_F(SessionTest, AnIdempotencyKeyNamesTheWholeAppend) {
  Connection connection(backend_.port);
  std::string keyed = kAppend;
  keyed.insert(1, R"("idempotency_key":"k",)");
  connection.send(keyed);
  connection.receive("appended");
  ASSERT_NE(nullptr, backend_.log.last_append());
  ASSERT_TRUE(backend_.log.last_append()->request_key);
  EXPECT_EQ("k", backend_.log.last_append()->request_key->key);
  connection.send(keyed);
  EXPECT_THAT(connection.receive("appended"), HasSubstr(R"("replayed":true)"));
}

TEST_F(SessionTest, AnAppendDoesNotHoldUpTheFramesAfterIt) {
  HoldingLog log(backend_.log);
  Backend port = backend_.with(log);
  Connection connection(port);
  connection.send(kAppend);
  connection.send(R"({"op":"ping","ref":2})");
  EXPECT_EQ(R"({"op":"pong","ref":2})", connection.receive("pong"));
  EXPECT_EQ(1u, connection.session().in_flight());
  log.release();
  EXPECT_THAT(connection.receive(), HasSubstr(R"("ref":1)"));
}

TEST_F(SessionTest, NoMoreIsHeardWhileTooManyAppendsAreInFlight) {
  HoldingLog log(backend_.log);
  Backend port = backend_.with(log);
  Connection connection(port);
  constexpr std::size_t kExtra = 10;
  for (std::size_t i = 0; i < appends_in_flight_max + kExtra; ++i) connection.send(kAppend);
  EXPECT_TRUE(connection.run_until([&] { return connection.unheard() == kExtra; }));
  connection.settle();
  EXPECT_EQ(appends_in_flight_max, connection.session().in_flight());
  log.release();
  for (std::size_t i = 0; i < appends_in_flight_max + kExtra; ++i)
    ASSERT_THAT(connection.receive("appended"), Not(HasSubstr("error")));
  EXPECT_EQ(Offset{appends_in_flight_max + kExtra}, backend_.log.head());
}

TEST_F(SessionTest, ABadFrameIsAnErrorAndTheConnectionLivesOn) {
  Connection connection(backend_.port);
  connection.send("{\"op\":");
  EXPECT_THAT(connection.receive("error"), StartsWith(R"({"op":"error","code":"bad_json")"));
  connection.send(R"({"op":"ping","ref":"p","x":1})");
  EXPECT_THAT(connection.receive("error"),
              StartsWith(R"({"op":"error","ref":"p","code":"unknown_member")"));
  connection.send(R"({"op":"ping"})");
  EXPECT_EQ(R"({"op":"pong"})", connection.receive());
}

TEST_F(SessionTest, OnlySubscribersOfQueuesHaveLeases) {
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":"s"})");
  for (const std::string op : {"ack", "nack", "extend"}) {
    connection.send(R"({"op":")" + op + R"(","ref":5,"sub":"s","offsets":[1]})");
    EXPECT_THAT(connection.receive("error"),
                StartsWith(R"({"op":"error","ref":5,"code":"not_found")"));
  }
}

TEST_F(SessionTest, ASubscriptionGetsThePastAndThenWhatComes) {
  backend_.log.add_many(2);
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","ref":9,"sub":"s"})");
  EXPECT_EQ(R"({"op":"subscribed","ref":9,"sub":"s","after":0})", connection.receive("subscribed"));
  const std::string past = connection.receive();
  EXPECT_THAT(past, StartsWith(R"({"op":"events","sub":"s","events":[{"offset":1,)"));
  EXPECT_THAT(past, HasSubstr(R"({"offset":2,)"));
  EXPECT_EQ(R"({"op":"caught_up","sub":"s","offset":2})", connection.receive());
  backend_.log.add({});
  EXPECT_THAT(connection.receive(), HasSubstr(R"([{"offset":3,)"));
}

TEST_F(SessionTest, ASubscriptionMayBeginAtTheHead) {
  backend_.log.add_many(5);
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":7,"after":"head"})");
  EXPECT_EQ(R"({"op":"subscribed","sub":7,"after":5})", connection.receive("subscribed"));
  EXPECT_EQ(R"({"op":"caught_up","sub":7,"offset":5})", connection.receive());
}

TEST_F(SessionTest, NoMoreEventsComeThanThereAreCredits) {
  backend_.log.add_many(5);
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":"s","credits":2})");
  const std::string first = connection.receive("events");
  EXPECT_THAT(first, HasSubstr(R"({"offset":2,)"));
  EXPECT_THAT(first, Not(HasSubstr(R"({"offset":3,)")));
  connection.settle();
  EXPECT_EQ(0u, connection.session().outbox().unsent_bytes() - first.size());
  connection.send(R"({"op":"credit","ref":1,"sub":"s","n":3})");
  EXPECT_EQ(R"({"op":"ok","ref":1})", connection.receive());
  EXPECT_THAT(connection.receive(), HasSubstr(R"([{"offset":3,)"));
  EXPECT_EQ(R"({"op":"caught_up","sub":"s","offset":5})", connection.receive());
}

TEST_F(SessionTest, OnlyWhatMatchesComesAndCheckpointsMoveBeyondIt) {
  backend_.log.add_many(3);
  StoredEvent wanted;
  wanted.event_type = "order.paid";
  backend_.log.add(wanted);
  backend_.log.add_many(12'000);
  Connection connection(backend_.port);
  connection.send(
      R"({"op":"subscribe","sub":"s","filter":{"event_types":["order.paid"]},"credits":9})");
  EXPECT_THAT(connection.receive("events"), HasSubstr(R"([{"offset":4,)"));
  EXPECT_THAT(connection.receive(), StartsWith(R"({"op":"caught_up","sub":"s","offset":12004})"));
  EXPECT_THAT(connection.receive(),
              StartsWith(R"({"op":"checkpoint","sub":"s","offset":12004,"time":"20)"));
}

TEST_F(SessionTest, UnsubscribingIsTheLastWordOnASubscription) {
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":"s"})");
  connection.receive("caught_up");
  connection.send(R"({"op":"unsubscribe","ref":1,"sub":"s"})");
  EXPECT_EQ(R"({"op":"ok","ref":1})", connection.receive());
  backend_.log.add_many(5);
  connection.settle();
  connection.send(R"({"op":"ping"})");
  EXPECT_EQ(R"({"op":"pong"})", connection.receive());
  connection.send(R"({"op":"subscribe","sub":"s","after":5})");
  EXPECT_EQ(R"({"op":"subscribed","sub":"s","after":5})", connection.receive());
}

TEST_F(SessionTest, SubscriptionsThatCannotBeAreRefused) {
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","ref":1,"sub":"s","after":99})");
  EXPECT_THAT(connection.receive("error"),
              StartsWith(R"({"op":"error","ref":1,"code":"beyond_head")"));
  connection.send(R"({"op":"subscribe","sub":"s"})");
  connection.send(R"({"op":"subscribe","ref":2,"sub":"s"})");
  EXPECT_THAT(connection.receive("error"),
              StartsWith(R"({"op":"error","ref":2,"code":"bad_value")"));
  connection.send(R"({"op":"credit","ref":3,"sub":"other","n":1})");
  EXPECT_THAT(connection.receive("error"),
              StartsWith(R"({"op":"error","ref":3,"code":"not_found")"));
  connection.send(R"({"op":"unsubscribe","ref":4,"sub":"other"})");
  EXPECT_THAT(connection.receive("error"),
              StartsWith(R"({"op":"error","ref":4,"code":"not_found")"));
  connection.send(R"({"op":"subscribe","ref":5,"sub":"g","group":"none","member":"m"})");
  EXPECT_THAT(connection.receive("error"),
              StartsWith(R"({"op":"error","ref":5,"code":"unknown_group")"));
}

TEST_F(SessionTest, WhatWasTrimmedIsTold) {
  backend_.log.add_many(10);
  backend_.log.set_floor(Offset{8});
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":"s","after":2})");
  EXPECT_EQ(R"({"op":"trimmed","sub":"s","from":3,"to":7})", connection.receive("trimmed"));
  EXPECT_THAT(connection.receive(), HasSubstr(R"([{"offset":8,)"));
}

TEST_F(SessionTest, ASubscriptionThatCannotBeReadEndsWithItsError) {
  backend_.log.add_many(10);
  backend_.log.fail_next({Errc::corrupted, "block 1 does not match its checksum"});
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":"s"})");
  EXPECT_THAT(connection.receive("error"),
              StartsWith(R"({"op":"error","sub":"s","code":"corrupted")"));
  connection.send(R"({"op":"unsubscribe","sub":"s"})");
  EXPECT_THAT(connection.receive("error"), HasSubstr("not_found"));
}

TEST_F(SessionTest, ASubscriptionListensForAsLongAsItLives) {
  Connection connection(backend_.port);
  connection.settle();
  EXPECT_EQ(0u, backend_.log.listeners());
  for (const char* sub : {"1", "2", "3"})
    connection.send(R"({"op":"subscribe","sub":)" + std::string(sub) + '}');
  for (int i = 0; i < 3; ++i) connection.receive("caught_up");
  EXPECT_EQ(3u, backend_.log.listeners());
  connection.send(R"({"op":"unsubscribe","sub":2,"ref":1})");
  connection.receive("ok");
  EXPECT_TRUE(connection.run_until([&] { return backend_.log.listeners() == 2; }));
}

TEST_F(SessionTest, WhatDoesNotMatchIsNotRead) {
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":1,"filter":{"event_types":["rare.*"]}})");
  connection.receive("caught_up");
  const std::size_t reads = backend_.log.reads();
  backend_.log.add_many(20'000);
  connection.settle();
  EXPECT_EQ(reads, backend_.log.reads());
  StoredEvent rare;
  rare.event_type = "rare.one";
  backend_.log.add(rare);
  EXPECT_THAT(connection.receive(), StartsWith(R"({"op":"checkpoint","sub":1,"offset":20000,)"));
  EXPECT_THAT(connection.receive(),
              StartsWith(R"({"op":"events","sub":1,"events":[{"offset":20001,)"));
  EXPECT_EQ(reads + 1, backend_.log.reads());
}

TEST_F(SessionTest, AMemberGetsItsGroupAndCommits) {
  backend_.log.add_many(4);
  put_group("g");
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":"s","group":"g","member":"m"})");
  EXPECT_EQ(R"({"op":"subscribed","sub":"s","after":0,"generation":1})",
            connection.receive("subscribed"));
  connection.receive("events");
  connection.send(R"({"op":"commit","ref":1,"group":"g","offset":4,"generation":1})");
  EXPECT_EQ(R"({"op":"committed","ref":1,"group":"g","offset":4})",
            connection.receive("committed"));
  connection.send(R"({"op":"commit","ref":2,"group":"g","offset":3})");
  EXPECT_THAT(connection.receive("error"),
              StartsWith(R"({"op":"error","ref":2,"code":"commit_backwards")"));
}

TEST_F(SessionTest, AGroupsNewFilterHoldsAboveWhatIsCommitted) {
  for (const char* type : {"a.a", "a.b", "a.a"}) {
    StoredEvent event;
    event.event_type = type;
    backend_.log.add(event);
  }
  put_group("g", {.event_types = {"a.a"}});
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":"s","group":"g","member":"m"})");
  connection.receive("caught_up");
  connection.send(R"({"op":"commit","ref":1,"group":"g","offset":1,"generation":1})");
  connection.receive("committed");
  put_group("g", {.event_types = {"a.b"}});
  EXPECT_EQ(R"({"op":"subscribed","sub":"s","after":1,"generation":1})",
            connection.receive("subscribed"));
  const std::string events = connection.receive("events");
  EXPECT_THAT(events, StartsWith(R"({"op":"events","sub":"s","events":[{"offset":2,)"));
  EXPECT_THAT(events, Not(HasSubstr(R"("offset":3,)")));
}

TEST_F(SessionTest, AMemberThatStoodByTakesOverWhenTheOtherLeaves) {
  backend_.log.add_many(4);
  put_group("g");
  Connection first(backend_.port);
  Connection second(backend_.port);
  first.send(R"({"op":"subscribe","sub":"s","group":"g","member":"m1"})");
  first.receive("events");
  second.send(R"({"op":"subscribe","sub":"s","group":"g","member":"m2"})");
  EXPECT_EQ(R"({"op":"subscribed","sub":"s","after":0})", second.receive("subscribed"));
  first.send(R"({"op":"unsubscribe","ref":1,"sub":"s"})");
  first.receive("ok");
  EXPECT_EQ(R"({"op":"subscribed","sub":"s","after":0,"generation":2})", second.receive());
  EXPECT_THAT(second.receive(), HasSubstr(R"([{"offset":1,)"));
}

TEST_F(SessionTest, AMemberThatWasTakenOverIsRevoked) {
  put_group("g");
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":"s","group":"g","member":"m1"})");
  connection.receive("caught_up");
  ASSERT_TRUE(backend_.groups.leave("g", "m1"));
  Connection other(backend_.port);
  other.send(R"({"op":"subscribe","sub":"s","group":"g","member":"m2"})");
  other.receive("caught_up");
  EXPECT_EQ(R"({"op":"revoked","sub":"s","generation":1})", connection.receive("revoked"));
}

TEST_F(SessionTest, AClientThatLeavesFreesItsGroupAndOneThatIsLostDoesNot) {
  put_group("g");
  Connection first(backend_.port);
  first.send(R"({"op":"subscribe","sub":"s","group":"g","member":"m"})");
  first.receive("caught_up");
  first.session().ended(Session::Peer::lost);
  EXPECT_TRUE(backend_.groups.heartbeat("g", "m"));

  Connection second(backend_.port);
  second.send(R"({"op":"subscribe","sub":"s","group":"g","member":"m"})");
  EXPECT_THAT(second.receive("subscribed"), HasSubstr(R"("generation":1)"));
  second.session().ended(Session::Peer::left);
  EXPECT_FALSE(backend_.groups.heartbeat("g", "m"));
}

TEST_F(SessionTest, AGroupThatIsDeletedEndsItsSubscriptions) {
  put_group("g");
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":"s","group":"g","member":"m"})");
  connection.receive("caught_up");
  boost::asio::io_context io;
  boost::asio::co_spawn(io, backend_.groups.remove("g"),
                        [](const std::exception_ptr&, const Result<void>&) {});
  io.run();
  EXPECT_THAT(connection.receive("error"),
              StartsWith(R"({"op":"error","sub":"s","code":"unknown_group")"));
}

TEST_F(SessionTest, ASlowClientHoldsBackItsEventsAndMissesNone) {
  StoredEvent large;
  large.payload = '"' + std::string(10'000, 'x') + '"';
  backend_.log.add_many(1000, large);
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":"s"})");
  connection.send(R"({"op":"ping","ref":1})");
  connection.settle();
  const std::size_t unsent = connection.session().outbox().unsent_bytes();
  EXPECT_GT(unsent, limits::connection_unsent_bytes / 2);
  EXPECT_LE(unsent, limits::connection_unsent_bytes);
  EXPECT_EQ(0u, connection.unheard());

  std::uint64_t expected = 1;
  while (expected <= 1000) {
    const std::string frame = connection.receive("events");
    ASSERT_FALSE(frame.empty());
    EXPECT_LE(frame.size(), events_frame_bytes_max);
    for (std::size_t at = 0; (at = frame.find(R"({"offset":)", at)) != std::string::npos; ++at)
      ASSERT_EQ(expected++, std::stoull(frame.substr(at + 10, 10)));
  }
}

TEST_F(SessionTest, AnEventLargerThanAFrameComesAlone) {
  StoredEvent huge;
  huge.payload = '"' + std::string(3 << 20, 'x') + '"';
  backend_.log.add_many(2, huge);
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":"s"})");
  EXPECT_GT(connection.receive("events").size(), huge.payload.size());
  EXPECT_THAT(connection.receive("events"), HasSubstr(R"([{"offset":2,)"));
}

TEST_F(SessionTest, ClosingAnswersWhatIsInFlightAndSaysGoodbyeLast) {
  HoldingLog log(backend_.log);
  Backend port = backend_.with(log);
  Connection connection(port);
  connection.receive("welcome");
  connection.send(kAppend);
  connection.send(R"({"op":"subscribe","sub":"s"})");
  connection.receive("caught_up");
  connection.session().close("the daemon stops");
  connection.send(R"({"op":"ping"})");
  EXPECT_TRUE(connection.run_until([&] { return !connection.delivering(); }));
  log.release();
  EXPECT_THAT(connection.receive(), StartsWith(R"({"op":"appended","ref":1)"));
  EXPECT_EQ(R"({"op":"goodbye","reason":"the daemon stops"})", connection.receive());
  EXPECT_EQ("", connection.receive());
  EXPECT_TRUE(connection.at_end());
}

TEST_F(SessionTest, ALogThatStopsLeavesItsSubscriptionsWaiting) {
  Connection connection(backend_.port);
  connection.send(R"({"op":"subscribe","sub":"s"})");
  connection.receive("caught_up");
  backend_.log.stop();
  connection.settle();  // Would never end if the session asked again and again.
  connection.send(R"({"op":"ping"})");
  EXPECT_EQ(R"({"op":"pong"})", connection.receive());
}

}  // namespace
}  // namespace daybook::ws
