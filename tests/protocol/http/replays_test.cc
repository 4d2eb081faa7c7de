#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ReplaysTest : public AskTest {
 protected:
  http::Response create(std::string body) { return post("/v1/replays", std::move(body)); }
};

TEST_F(ReplaysTest, OneIsCreatedAndShown) {
  backend_.log.add_many(9);
  send("PUT", "/v1/groups/billing", R"({"mode":"queue"})");
  const http::Response created =
      create(R"({"group":"billing","filter":{"event_types":["order.*"]},"from":3,"to":7})");
  EXPECT_EQ(201U, created.status);
  const std::string shown =
      R"({"id":"replay-1","group":"billing","filter":{"event_types":["order.*"]},)"
      R"("from_offset":3,"to_offset":7,"event_count":0,"success_count":0,"failure_count":0,)"
      R"("in_progress":true,"paused":false,"cancelled":false,)"
      R"("created_at":"1970-01-01T00:00:01.000000Z","failures":[],"failures_next_after":null})";
  EXPECT_EQ(shown, created.body);
  EXPECT_EQ(shown, get("/v1/replays/replay-1").body);
}

TEST_F(ReplaysTest, WithoutAGroupItIsOfTheWholeLogForWhoeverSubscribes) {
  backend_.log.add_many(2);
  EXPECT_THAT(create("{}"), body_has(R"("group":null,"filter":{},"from_offset":1,"to_offset":2)"));
}

TEST_F(ReplaysTest, ItsEndsMayBeTimes) {
  backend_.log.add_many(5);
  EXPECT_THAT(
      create(R"({"from":"2026-01-24T10:00:00.000002Z","to":"2026-01-24T10:00:00.000004Z"})"),
      body_has(R"("from_offset":2,"to_offset":4)"));
}

TEST_F(ReplaysTest, ItsCountsAreThoseOfItsQueue) {
  create("{}");
  QueueView& queue = backend_.replays.at("replay-1").queue;
  queue.acked = 100;
  queue.skipped = 20;
  queue.dead_letters = 3;
  queue.unfinished = 5;
  queue.set_aside = 1;
  EXPECT_THAT(get("/v1/replays/replay-1"),
              body_has(R"("event_count":129,"success_count":100,"failure_count":3)"));
}

TEST_F(ReplaysTest, ItsFirstFailuresAreShown) {
  backend_.log.add_many(101);
  create("{}");
  for (const StoredEvent& event : backend_.log.events())
    backend_.dead_letters.bury(replay_name("replay-1"), event.view(), {});
  const http::Response shown = get("/v1/replays/replay-1");
  EXPECT_THAT(shown.body, AllOf(HasSubstr(R"("failures":[{"offset":1,"event":{)"),
                                HasSubstr(R"({"offset":100,"event":{)"),
                                Not(HasSubstr(R"({"offset":101,"event":{)"))));
  EXPECT_THAT(shown, body_has(R"("failures_next_after":100})"));
}

TEST_F(ReplaysTest, OneIsPausedResumedAndCancelled) {
  create("{}");
  EXPECT_THAT(post("/v1/replays/replay-1/pause", ""), body_has(R"("paused":true)"));
  EXPECT_THAT(post("/v1/replays/replay-1/resume", ""), body_has(R"("paused":false)"));
  EXPECT_THAT(post("/v1/replays/replay-1/cancel", ""),
              body_has(R"("in_progress":false,"paused":false,"cancelled":true)"));
}

TEST_F(ReplaysTest, TheyAreListedWithoutFailuresAndDeleted) {
  EXPECT_EQ(R"({"replays":[],"next_after":null})", get("/v1/replays").body);
  create("{}");
  create("{}");
  const http::Response all = get("/v1/replays");
  EXPECT_THAT(all.body, AllOf(HasSubstr(R"({"replays":[{"id":"replay-1")"),
                              HasSubstr(R"(},{"id":"replay-2")"), Not(HasSubstr("failures"))));
  EXPECT_THAT(all, body_has(R"(}],"next_after":null})"));
  EXPECT_EQ(204U, send("DELETE", "/v1/replays/replay-1").status);
  EXPECT_THAT(get("/v1/replays/replay-1"), is_problem(404, "not_found"));
}

TEST_F(ReplaysTest, WhatIsNotThereIsNotFound) {
  for (const char* verb : {"pause", "resume", "cancel"})
    EXPECT_THAT(post("/v1/replays/none/" + std::string(verb), ""), is_problem(404, "not_found"));
  EXPECT_THAT(send("DELETE", "/v1/replays/none"), is_problem(404, "not_found"));
  EXPECT_THAT(create(R"({"group":"none"})"), is_problem(404, "unknown_group"));
}

TEST_F(ReplaysTest, AGroupInLogModeTakesNoReplay) {
  send("PUT", "/v1/groups/plain", R"({"mode":"log"})");
  EXPECT_THAT(create(R"({"group":"plain"})"), is_problem(409, "wrong_mode"));
  EXPECT_THAT(create(R"({"from":3,"to":2})"), is_problem(422, "bad_value"));
}

}  // namespace
}  // namespace daybook::testing
