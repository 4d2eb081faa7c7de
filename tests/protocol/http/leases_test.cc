// Members of groups in queue mode: fetch, ack, nack and extend.
#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

class LeasesTest : public AskTest {
 protected:
  void SetUp() override {
    PutGroup put;
    put.group = "g";
    put.settings.mode = GroupMode::queue;
    ASSERT_TRUE(run(backend_.groups.put(put)));
    backend_.log.add_many(3);
  }
  http::Response fetch(std::string body) { return post("/v1/groups/g/fetch", std::move(body)); }
  http::Response say(const std::string& verb, std::string body) {
    return post("/v1/groups/g/" + verb, std::move(body));
  }
};

constexpr const char* kNothingRefused = R"({"refused":[]})";

TEST_F(LeasesTest, AFetchLeasesEventsWithTheirAttempt) {
  const http::Response first = fetch(R"({"member":"m","max":2})");
  EXPECT_THAT(first, body_has(R"({"events":[{"offset":1,)"));
  EXPECT_THAT(first, body_has(R"("attempt":1},{"offset":2,)"));
  EXPECT_THAT(first, body_has(R"(,"attempt":1}],"next_after":null,"generation":null})"));
  EXPECT_THAT(fetch(R"({"member":"m","max":2})"), body_has(R"([{"offset":3,)"));
  EXPECT_EQ(R"({"events":[],"next_after":null,"generation":null})",
            fetch(R"({"member":"m","wait_ms":0})").body);
}

TEST_F(LeasesTest, AFetchWaitsForTheNextEvent) {
  fetch(R"({"member":"m"})");
  Pending poll(backend_, settings_,
               make_request("POST", "/v1/groups/g/fetch", R"({"member":"m","wait_ms":60000})", {}));
  EXPECT_FALSE(poll.is_answered());
  backend_.log.add_many(1);
  EXPECT_THAT(poll.finish(), body_has(R"([{"offset":4,)"));
}

TEST_F(LeasesTest, AQueueHasNoAfter) {
  const http::Response refused = fetch(R"({"member":"m","after":1})");
  EXPECT_THAT(refused, is_problem(422, "bad_value"));
  EXPECT_THAT(refused, body_has(R"("pointer":"/after")"));
}

TEST_F(LeasesTest, AFetchTakesNoMoreThanAPage) {
  settings_.limits.page_events_max = 2;
  fetch(R"({"member":"m"})");
  EXPECT_EQ(2U, backend_.queues.leased_to("m").size());
}

TEST_F(LeasesTest, EventsOfAReplayAreMarked) {
  fetch(R"({"member":"m"})");
  backend_.queues.add_replay("r1", "g");
  backend_.replays.add("r1", "g");
  const http::Response replayed = fetch(R"({"member":"m","max":1})");
  EXPECT_THAT(replayed, body_has(R"("metadata":{"replay":true,"replay_id":"r1"})"));
  EXPECT_THAT(replayed, body_has(R"(,"attempt":1,"replay_id":"r1"}])"));
  EXPECT_EQ(kNothingRefused,
            say("ack", R"({"member":"m","offsets":[1],"attempts":[1],"replay_id":"r1"})").body);
  EXPECT_TRUE(backend_.queues.is_finished(replay_name("r1"), Offset{1}));
  EXPECT_FALSE(backend_.queues.is_finished("g", Offset{1}));
}

TEST_F(LeasesTest, AReplayOfAnotherGroupIsNotAcked) {
  backend_.queues.add_replay("r1", "g");
  backend_.replays.add("r1", "other");
  EXPECT_THAT(say("ack", R"({"member":"m","offsets":[1],"replay_id":"r1"})"),
              is_problem(404, "not_found"));
  EXPECT_THAT(say("ack", R"({"member":"m","offsets":[1],"replay_id":"none"})"),
              is_problem(404, "not_found"));
}

TEST_F(LeasesTest, AnAckEndsTheLeaseAndTheEvent) {
  fetch(R"({"member":"m"})");
  const http::Response acked = say("ack", R"({"member":"m","offsets":[1,3]})");
  EXPECT_EQ(200U, acked.status);
  EXPECT_EQ(kNothingRefused, acked.body);
  EXPECT_TRUE(backend_.queues.is_finished("g", Offset{3}));
  EXPECT_EQ((std::vector<Offset>{{2}}), backend_.queues.leased_to("m"));
}

TEST_F(LeasesTest, WhatHasExpiredIsRefusedAndChangesNothing) {
  fetch(R"({"member":"m"})");
  backend_.queues.expire("m");
  fetch(R"({"member":"other","max":1})");
  EXPECT_EQ(R"({"refused":[{"offset":1,"code":"lease_expired"}]})",
            say("ack", R"({"member":"m","offsets":[1]})").body);
  EXPECT_FALSE(backend_.queues.is_finished("g", Offset{1}));
  EXPECT_EQ(R"({"refused":[{"offset":1,"code":"lease_expired"}]})",
            say("extend", R"({"member":"other","offsets":[1],"attempts":[1]})").body);
  EXPECT_EQ(kNothingRefused,
            say("extend", R"({"member":"other","offsets":[1],"attempts":[2]})").body);
}

TEST_F(LeasesTest, ANackGivesTheEventBack) {
  fetch(R"({"member":"m"})");
  EXPECT_EQ(kNothingRefused,
            say("nack", R"({"member":"m","offsets":[2],"delay_ms":5,"reason":"busy"})").body);
  const auto& nack = std::get<NackLeases>(backend_.queues.steps().back());
  EXPECT_EQ("busy", nack.reason);
  EXPECT_EQ(std::chrono::milliseconds(5), nack.delay);
  EXPECT_THAT(fetch(R"({"member":"m"})"), body_has(R"([{"offset":2,)"));
  EXPECT_EQ(kNothingRefused, say("nack", R"({"member":"m","offsets":[2],"action":"skip"})").body);
  EXPECT_TRUE(backend_.queues.is_finished("g", Offset{2}));
}

TEST_F(LeasesTest, OnlyQueuesHaveLeases) {
  send("PUT", "/v1/groups/log", "{}");
  for (const std::string verb : {"ack", "nack", "extend"}) {
    EXPECT_THAT(post("/v1/groups/log/" + verb, R"({"member":"m","offsets":[1]})"),
                is_problem(409, "wrong_mode"));
    EXPECT_THAT(post("/v1/groups/none/" + verb, R"({"member":"m","offsets":[1]})"),
                is_problem(404, "unknown_group"));
    EXPECT_THAT(say(verb, R"({"member":"m"})"), is_problem(422, "missing_member"));
  }
}

}  // namespace
}  // namespace daybook::testing
