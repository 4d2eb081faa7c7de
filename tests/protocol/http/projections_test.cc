// Routes about projections. What is posted, and how, is not theirs.
#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

class ProjectionsTest : public AskTest {
 protected:
  ProjectionInfo& add(const std::string& name, ProjectionKind kind = ProjectionKind::postgres) {
    ProjectionInfo& projection = backend_.projections.projections[name];
    projection.follower.name = name;
    projection.kind = kind;
    return projection;
  }
};

TEST_F(ProjectionsTest, OneIsShownWithItsLag) {
  ProjectionInfo& projection = add("postgres");
  projection.target = "daybook@127.0.0.1:5432/events";
  projection.head = {10};
  projection.lag_seconds = 1.5;
  projection.failed_events = 2;
  projection.generation = 3;
  projection.follower.phase = FollowerPhase::failing;
  projection.follower.trouble = "it does not answer";
  projection.follower.checkpoint = Offset{7};
  projection.follower.events = 5;
  projection.follower.events_late = 4;
  projection.follower.failures = 1;
  EXPECT_EQ(
      R"({"name":"postgres","kind":"postgres","target":"daybook@127.0.0.1:5432/events",)"
      R"("phase":"failing","trouble":"it does not answer","since":"1970-01-01T00:00:00.000000Z",)"
      R"("checkpoint":7,"events":5,"events_late":4,"failed_attempts":1,"head":10,"lag":3,)"
      R"("lag_seconds":1.500,"failed_events":2,"generation":3,"build":null,"definition":null})",
      get("/v1/projections/postgres").body);
}

TEST_F(ProjectionsTest, WhatIsNotKnownBeforeTheFirstConnectionIsNull) {
  add("postgres").head = {10};
  const http::Response shown = get("/v1/projections/postgres");
  EXPECT_THAT(shown, body_has(R"("phase":"connecting","trouble":null)"));
  EXPECT_THAT(shown, body_has(R"("checkpoint":null,)"));
  EXPECT_THAT(shown, body_has(R"("lag":null,)"));
  EXPECT_THAT(shown, body_has(R"("generation":null,)"));
}

TEST_F(ProjectionsTest, ACheckpointAheadOfAStaleHeadIsNoLag) {
  add("postgres").follower.checkpoint = Offset{2};
  EXPECT_THAT(get("/v1/projections/postgres"), body_has(R"("head":0,"lag":0,)"));
}

TEST_F(ProjectionsTest, TheyAreListedAndShownInTheStatus) {
  EXPECT_EQ(R"({"projections":[],"next_after":null})", get("/v1/projections").body);
  add("postgres");
  add("redis", ProjectionKind::redis);
  const std::string both =
      '[' + get("/v1/projections/postgres").body + ',' + get("/v1/projections/redis").body + ']';
  EXPECT_EQ(R"({"projections":)" + both + R"(,"next_after":null})", get("/v1/projections").body);
  EXPECT_THAT(get("/v1/status"), body_has(R"("followers":)" + both));
}

TEST_F(ProjectionsTest, AMinOffsetIsThatOfTheProjectionAndNotOfTheLog) {
  backend_.log.add_many(5);
  add("postgres").follower.checkpoint = Offset{3};
  const auto ask = [&](const char* offset, const char* wait) {
    return get("/v1/projections/postgres",
               {{"Daybook-Min-Offset", offset}, {"Daybook-Wait-Ms", wait}});
  };
  EXPECT_EQ(200U, ask("3", "0").status);
  EXPECT_THAT(ask("4", "0"), is_problem(504, "not_yet"));
  EXPECT_THAT(ask("x", "0"), is_problem(422, "bad_parameter"));
  EXPECT_THAT(ask("3", "60001"), is_problem(422, "bad_parameter"));
}

TEST_F(ProjectionsTest, ARebuildIsBegunAndShown) {
  add("postgres");
  const http::Response begun = post("/v1/projections/postgres/rebuild", "");
  EXPECT_EQ(202U, begun.status);
  EXPECT_THAT(begun,
              body_has(R"("build":{"phase":"connecting","trouble":null,)"
                       R"("since":"1970-01-01T00:00:00.000000Z","checkpoint":null,"events":0,)"
                       R"("events_late":0,"failed_attempts":0},"definition":null})"));
  add("redis", ProjectionKind::redis);
  EXPECT_THAT(post("/v1/projections/redis/rebuild", ""), is_problem(409, "wrong_mode"));
}

TEST_F(ProjectionsTest, OneIsPausedAndResumed) {
  add("redis", ProjectionKind::redis);
  EXPECT_THAT(post("/v1/projections/redis/pause", ""), body_has(R"("phase":"paused")"));
  EXPECT_THAT(post("/v1/projections/redis/resume", ""), body_has(R"("phase":"following")"));
}

TEST_F(ProjectionsTest, FailuresAreListedWithTheOriginalAsText) {
  add("postgres");
  EXPECT_EQ(R"({"failures":[],"next_after":null})", get("/v1/projections/postgres/failures").body);
  EXPECT_EQ(100U, backend_.projections.listed.limit);
  ProjectionFailures& failed = backend_.projections.failed["postgres"];
  failed.failures.push_back(
      {.offset = {7}, .id = "e-7", .reason = "a \\u0000", .original = R"({"a":1})"});
  failed.failures.push_back({.offset = {9}});
  failed.next = Offset{9};
  EXPECT_EQ(R"({"failures":[{"offset":7,"id":"e-7","reason":"a \\u0000",)"
            R"("original":"{\"a\":1}","failed_at":"1970-01-01T00:00:00.000000Z"},)"
            R"({"offset":9,"id":"","reason":"","original":"",)"
            R"("failed_at":"1970-01-01T00:00:00.000000Z"}],"next_after":9})",
            get("/v1/projections/postgres/failures?after=6&limit=2").body);
  EXPECT_EQ(Offset{6}, backend_.projections.listed.after);
  EXPECT_EQ(2U, backend_.projections.listed.limit);
  for (const char* query : {"limit=0", "limit=1001", "after=x"})
    EXPECT_THAT(get("/v1/projections/postgres/failures?" + std::string(query)),
                is_problem(422, "bad_parameter"));
  EXPECT_THAT(get("/v1/projections/postgres/failures?offset=1"),
              is_problem(422, "unknown_parameter"));
}

TEST_F(ProjectionsTest, ThoseThatAreNamedAreRetriedAndElseAll) {
  add("postgres");
  const auto retry = [&](const char* body) {
    backend_.projections.retried = {{99}};
    return post("/v1/projections/postgres/retry", body);
  };
  EXPECT_EQ(R"({"posted":2,"failed":0})", retry(R"({"offsets":[9,7,9]})").body);
  EXPECT_EQ((std::vector<Offset>{{7}, {9}}), backend_.projections.retried);
  for (const char* all : {"", "{}", R"({"offsets":null})"}) {
    EXPECT_EQ(200U, retry(all).status) << all;
    EXPECT_TRUE(backend_.projections.retried.empty()) << all;
  }
  for (const char* wrong : {R"({"offsets":[]})", R"({"offsets":7})", R"({"offsets":[-1]})"})
    EXPECT_THAT(retry(wrong), is_problem(422, "bad_value")) << wrong;
  EXPECT_THAT(retry(R"({"filter":{}})"), is_problem(422, "unknown_member"));
  EXPECT_THAT(retry("{"), is_problem(400, "bad_json"));
}

TEST_F(ProjectionsTest, AReadModelIsDeclaredChangedAndDropped) {
  const http::Response made = send("PUT", "/v1/projections/agents", R"({ "table": "agents" })");
  EXPECT_EQ(201U, made.status);
  EXPECT_THAT(made, body_has(R"("kind":"read_model")"));
  EXPECT_THAT(made, body_has(R"("definition":{"table":"agents"}})"));
  const http::Response changed = send("PUT", "/v1/projections/agents", R"({"table":"a"})");
  EXPECT_EQ(200U, changed.status);
  EXPECT_THAT(changed, body_has(R"("definition":{"table":"a"}})"));
  EXPECT_EQ(204U, send("DELETE", "/v1/projections/agents").status);
  EXPECT_THAT(get("/v1/projections/agents"), is_problem(404, "not_found"));
}

TEST_F(ProjectionsTest, ADefinitionThatIsNoJsonNeverReachesTheProjections) {
  EXPECT_THAT(send("PUT", "/v1/projections/agents", R"({"table":)"), is_problem(400, "bad_json"));
  EXPECT_THAT(send("PUT", "/v1/projections/agents", ""), is_problem(400, "bad_json"));
  EXPECT_TRUE(backend_.projections.projections.empty());
}

TEST_F(ProjectionsTest, APostgresThatIsAwayIsNoFailureOfTheDaemon) {
  add("postgres");
  backend_.projections.away = Error{Errc::io_failed, "127.0.0.1:5432 does not answer"};
  const auto away = is_problem(503, "target_unavailable");
  const http::Response failures = get("/v1/projections/postgres/failures");
  EXPECT_THAT(failures, away);
  EXPECT_THAT(failures, body_has("127.0.0.1:5432 does not answer"));
  EXPECT_EQ("1", header(failures, "Retry-After"));
  EXPECT_THAT(post("/v1/projections/postgres/retry", ""), away);
  EXPECT_THAT(send("PUT", "/v1/projections/postgres", "{}"), away);
  EXPECT_THAT(send("DELETE", "/v1/projections/postgres"), away);
}

TEST_F(ProjectionsTest, WhatIsNotThereIsNotFound) {
  for (const char* verb : {"rebuild", "pause", "resume", "retry"})
    EXPECT_THAT(post("/v1/projections/none/" + std::string(verb), ""),
                is_problem(404, "not_found"));
  EXPECT_THAT(get("/v1/projections/none"), is_problem(404, "not_found"));
  EXPECT_THAT(get("/v1/projections/none", {{"Daybook-Min-Offset", "1"}}),
              is_problem(404, "not_found"));
  EXPECT_THAT(get("/v1/projections/none/failures"), is_problem(404, "not_found"));
  EXPECT_THAT(send("DELETE", "/v1/projections/none"), is_problem(404, "not_found"));
}

}  // namespace
}  // namespace daybook::testing
