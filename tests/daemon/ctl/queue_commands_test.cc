// The commands about queues against a server that answers from a script.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/duration.h"
#include "tests/protocol/client/scripted_server.h"

namespace daybook::ctl {
namespace {

using daybook::testing::Answer;
using daybook::testing::Script;
using daybook::testing::ScriptedServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Arguments = std::vector<std::string>;

struct Ran {
  Exit exit;
  std::string out;
  std::string err;
};

Ran run_with(const std::string& url, Arguments arguments) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  arguments.insert(arguments.begin(), {"--url", url});
  const Exit exit = run(std::move(arguments), {.in = in, .out = out, .err = err}, "9.9");
  return {exit, out.str(), err.str()};
}

Ran run_with(const ScriptedServer& server, Arguments arguments) {
  return run_with(server.url(), std::move(arguments));
}

TEST(GroupCreate, LeavesWhatIsNotGivenToTheDaemon) {
  ScriptedServer server(Script{{.status = 201, .body = R"({"group":"g"})"}});
  EXPECT_EQ("NAME   VALUE\ngroup  g\n", run_with(server, {"group", "create", "g"}).out);
  EXPECT_THAT(server.lines(), ElementsAre("PUT /v1/groups/g"));
  EXPECT_EQ("{}", server.asked()[0].body);
}

TEST(GroupCreate, HasEverySetting) {
  ScriptedServer server(Script{{.status = 201, .body = "{}"}});
  const Ran ran = run_with(server, {"group",    "create",           "g",    "--mode",
                                    "queue",    "--order",          "none", "--start",
                                    "7",        "--aggregate",      "a/1",  "--type",
                                    "t*",       "--type",           "u",    "--tag",
                                    "k:v",      "--member-timeout", "5",    "--ack-timeout",
                                    "1m",       "--max-deliveries", "3",    "--backoff",
                                    "500ms,5s", "--max-in-flight",  "10",   "--max-unfinished",
                                    "20",       "--breaker-window", "50",   "--breaker-ratio",
                                    "0.25",     "--block-aggregate"});
  EXPECT_EQ(Exit::ok, ran.exit) << ran.err;
  EXPECT_EQ(R"({"mode":"queue","order":"none","start":{"after":7},)"
            R"("filter":{"aggregate_type":"a","aggregate_id":"1","event_types":["t*","u"],)"
            R"("tags":["k:v"]},"member_timeout_ms":5000,"ack_timeout_ms":60000,)"
            R"("backoff_ms":[500,5000],"max_deliveries":3,"max_in_flight":10,)"
            R"("max_unfinished":20,"breaker_window":50,"breaker_ratio":0.250000,)"
            R"("block_aggregate":true})",
            server.asked().at(0).body);
}

TEST(GroupCreate, TakesTheSecretOfAPushFromTheEnvironment) {
  ScriptedServer server(Script{{.status = 201, .body = "{}"}, {.status = 201, .body = "{}"}});
  const Arguments arguments{"group", "create", "g", "--push-url", "https://a.example/h"};
  ::unsetenv("DAYBOOK_PUSH_SECRET");
  run_with(server, arguments);
  EXPECT_EQ(R"({"push":{"url":"https://a.example/h"}})", server.asked().at(0).body);
  ::setenv("DAYBOOK_PUSH_SECRET", "whsec_c2VjcmV0", 1);
  run_with(server, arguments);
  ::unsetenv("DAYBOOK_PUSH_SECRET");
  EXPECT_EQ(R"({"push":{"url":"https://a.example/h","secret":"whsec_c2VjcmV0"}})",
            server.asked().at(1).body);
}

TEST(Group, IsPausedResumedAndDeleted) {
  ScriptedServer server(
      Script{{.body = R"({"paused":true})"}, {.body = R"({"paused":false})"}, {.status = 204}});
  EXPECT_THAT(run_with(server, {"group", "pause", "g/1"}).out, HasSubstr("true"));
  EXPECT_THAT(run_with(server, {"group", "resume", "g/1"}).out, HasSubstr("false"));
  EXPECT_EQ("", run_with(server, {"group", "delete", "g/1"}).out);
  EXPECT_THAT(server.lines(),
              ElementsAre("POST /v1/groups/g%2F1/pause", "POST /v1/groups/g%2F1/resume",
                          "DELETE /v1/groups/g%2F1"));
}

TEST(Group, AQueueIsListedWithItsState) {
  ScriptedServer server(Script{
      {.body =
           R"({"groups":[{"group":"q","mode":"queue","committed":5,"lag":2,"lag_seconds":0.5,)"
           R"("in_flight":3,"dead_letters":1,"members":["m"],"generation":null,)"
           R"("idle":"paused","stalled":false},)"
           R"({"group":"s","mode":"queue","idle":"bug","stalled":"bug"}],"next_after":null})"}});
  EXPECT_EQ(
      "GROUP  MODE   COMMITTED  LAG  SECONDS  IN-FLIGHT  DEAD  MEMBERS  GENERATION  STATE\n"
      "q      queue  5          2    0.5      3          1     1                    paused\n"
      "s      queue                                            0                    stalled: bug\n",
      run_with(server, {"group", "list"}).out);
}

constexpr char kLetter[] =
    R"({"offset":7,"event":{"event_type":"t","aggregate_type":"a","aggregate_id":"1"},)"
    R"("attempts":5,"retried":1,"retrying":false,"held":2,"died_at":"2026-01-24T10:00:00Z",)"
    R"("failures":[{"attempt":4,"kind":"timeout"},)"
    R"({"attempt":5,"kind":"nack","reason":"no","member":"m"}]})";

TEST(DeadLetters, AreListedPageByPage) {
  const std::string letter = kLetter;
  ScriptedServer server(Script{{.body = "{\"dead_letters\":[" + letter + "],\"next_after\":7}"},
                               {.body = "{\"dead_letters\":[],\"next_after\":null}"}});
  EXPECT_EQ(
      "OFFSET  DIED                  TYPE  AGGREGATE  ATTEMPTS  RETRIED  STATE          LAST\n"
      "7       2026-01-24T10:00:00Z  t     a/1        5         1        dead, holds 2  nack: no\n",
      run_with(server, {"dead-letters", "list", "g", "--type", "t", "--after", "2"}).out);
  EXPECT_THAT(server.lines(),
              ElementsAre("GET /v1/groups/g/dead-letters?event_type=t&after=2&limit=100",
                          "GET /v1/groups/g/dead-letters?event_type=t&after=7&limit=99"));
}

TEST(DeadLetters, AreShownOneByOne) {
  ScriptedServer server(Script{{.body = kLetter}, {.body = kLetter}});
  EXPECT_EQ(std::string(kLetter) + '\n' + kLetter + '\n',
            run_with(server, {"dead-letters", "show", "g", "7", "8", "--json"}).out);
  EXPECT_THAT(server.lines(),
              ElementsAre("GET /v1/groups/g/dead-letters/7", "GET /v1/groups/g/dead-letters/8"));
}

TEST(DeadLetters, NamedOnesAreRetriedAndRefusalsTold) {
  ScriptedServer server(
      Script{{.body = R"({"retried":1,"refused":[{"offset":8,"code":"not_found"}]})"}});
  const Ran ran = run_with(server, {"dead-letters", "retry", "g", "7", "8"});
  EXPECT_EQ(Exit::refused, ran.exit);
  EXPECT_EQ("retried 1 event\n", ran.out);
  EXPECT_EQ("daybook: 8 refused: not_found\n", ran.err);
  EXPECT_THAT(server.lines(), ElementsAre("POST /v1/groups/g/dead-letters/retry"));
  EXPECT_EQ(R"({"offsets":[7,8]})", server.asked()[0].body);
}

TEST(DeadLetters, AFilterIsFollowedToItsEnd) {
  ScriptedServer server(Script{{.body = R"({"discarded":2,"refused":[],"next_after":9})"},
                               {.body = R"({"discarded":0,"refused":[],"next_after":12})"},
                               {.body = R"({"discarded":1,"refused":[],"next_after":null})"}});
  EXPECT_EQ("{\"discarded\":3}\n",
            run_with(server, {"dead-letters", "discard", "g", "--tag", "x", "--json"}).out);
  EXPECT_EQ(R"({"filter":{"tags":["x"]}})", server.asked()[0].body);
  EXPECT_EQ(R"({"filter":{"tags":["x"]},"after":9})", server.asked()[1].body);
  EXPECT_EQ(R"({"filter":{"tags":["x"]},"after":12})", server.asked()[2].body);
}

TEST(DeadLetters, AllIsAnEmptyFilter) {
  ScriptedServer server(Script{{.body = R"({"discarded":4,"refused":[],"next_after":null})"}});
  EXPECT_EQ("discarded 4 events\n",
            run_with(server, {"dead-letters", "discard", "g", "--all", "--yes"}).out);
  EXPECT_EQ(R"({"filter":{}})", server.asked()[0].body);
}

TEST(DeadLetters, MayBeThoseOfAReplay) {
  ScriptedServer server(Script{{.body = R"({"dead_letters":[],"next_after":null})"},
                               {.body = R"({"retried":1,"refused":[]})"},
                               {.body = R"({"discarded":1,"refused":[],"next_after":null})"}});
  run_with(server, {"dead-letters", "list", "r/1", "--replay"});
  run_with(server, {"dead-letters", "retry", "r/1", "7", "--replay"});
  run_with(server, {"dead-letters", "discard", "r/1", "--replay", "--tag", "x"});
  EXPECT_THAT(server.lines(), ElementsAre("GET /v1/replays/r%2F1/dead-letters?limit=100",
                                          "POST /v1/replays/r%2F1/dead-letters/retry",
                                          "POST /v1/replays/r%2F1/dead-letters/discard"));
}

TEST(DeadLetters, WhatIsMeantHasToBeSaid) {
  for (const Arguments& arguments :
       {Arguments{"retry", "g"}, Arguments{"retry", "g", "7", "--all"},
        Arguments{"retry", "g", "--all", "--tag", "x"}, Arguments{"discard", "g", "--all"},
        Arguments{"show", "g"}, Arguments{"retry", "g", "x"}}) {
    Arguments whole{"dead-letters"};
    whole.insert(whole.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(Exit::usage, run_with("http://127.0.0.1:1", whole).exit)
        << ::testing::PrintToString(arguments);
  }
}

TEST(Replay, IsStarted) {
  ScriptedServer server(Script{{.status = 201, .body = R"({"id":"r"})"}, {.body = "{}"}});
  EXPECT_THAT(run_with(server, {"replay", "start", "--group", "g", "--type", "t", "--from", "3",
                                "--to", "2026-01-24T10:00:00Z"})
                  .out,
              HasSubstr("id    r"));
  EXPECT_EQ(Exit::ok, run_with(server, {"replay", "start"}).exit);
  EXPECT_THAT(server.lines(), ElementsAre("POST /v1/replays", "POST /v1/replays"));
  EXPECT_EQ(R"({"group":"g","filter":{"event_types":["t"]},"from":3,"to":"2026-01-24T10:00:00Z"})",
            server.asked()[0].body);
  EXPECT_EQ(R"({"filter":{}})", server.asked()[1].body);
}

TEST(Replay, IsListedAndSteered) {
  ScriptedServer server(
      Script{{.body = R"({"replays":[{"id":"r","group":"g","event_count":9,"success_count":4,)"
                      R"("failure_count":1,"in_progress":true,"paused":true}]})"},
             {.body = "{}"},
             {.body = "{}"},
             {.body = "{}"},
             {.body = "{}"},
             {.status = 204}});
  EXPECT_EQ(
      "ID  GROUP  EVENTS  SUCCEEDED  FAILED  STATE\n"
      "r   g      9       4          1       paused\n",
      run_with(server, {"replay", "list"}).out);
  for (const char* verb : {"show", "pause", "resume", "cancel", "delete"})
    EXPECT_EQ(Exit::ok, run_with(server, {"replay", verb, "r"}).exit);
  EXPECT_THAT(server.lines(), ElementsAre("GET /v1/replays", "GET /v1/replays/r",
                                          "POST /v1/replays/r/pause", "POST /v1/replays/r/resume",
                                          "POST /v1/replays/r/cancel", "DELETE /v1/replays/r"));
}

TEST(Replay, IsWatchedUntilItIsOver) {
  const Answer running{.body = R"({"in_progress":true,"event_count":2})"};
  ScriptedServer server(Script{running,
                               {.body = R"({"in_progress":false,"failure_count":0})"},
                               {.body = R"({"in_progress":false,"failure_count":1})"}});
  EXPECT_EQ(Exit::ok, run_with(server, {"replay", "watch", "r"}).exit);
  const Ran ran = run_with(server, {"replay", "watch", "r"});
  EXPECT_EQ(Exit::refused, ran.exit);
  EXPECT_EQ("daybook: 1 of its events failed\n", ran.err);
  EXPECT_EQ(3u, server.asked().size());
}

TEST(Duration, HasAUnit) {
  using std::chrono::milliseconds;
  EXPECT_EQ(milliseconds(500), parse_duration("500ms"));
  EXPECT_EQ(milliseconds(30'000), parse_duration("30s"));
  EXPECT_EQ(milliseconds(2000), parse_duration("2"));
  EXPECT_EQ(milliseconds(7'200'000), parse_duration("2h"));
  for (const char* text : {"", "s", "1x", "-1s", "1.5s", "1 s", "99999999999999999999", "1001h"})
    EXPECT_THROW(parse_duration(text), Failure) << text;
}

}  // namespace
}  // namespace daybook::ctl
