// The whole command against a server that answers from a script: requests, output, exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/ctl/ctl.h"
#include "tests/protocol/client/scripted_server.h"

namespace daybook::ctl {
namespace {

using daybook::testing::Answer;
using daybook::testing::Script;
using daybook::testing::ScriptedServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Ran {
  Exit exit;
  std::string out;
  std::string err;
};

Ran run_with(const std::string& url, std::vector<std::string> arguments, std::string input = "") {
  std::istringstream in(std::move(input));
  std::ostringstream out;
  std::ostringstream err;
  arguments.insert(arguments.begin(), {"--url", url});
  const Exit exit = run(std::move(arguments), {.in = in, .out = out, .err = err}, "9.9");
  return {exit, out.str(), err.str()};
}

Ran run_with(const ScriptedServer& server, std::vector<std::string> arguments,
             std::string input = "") {
  return run_with(server.url(), std::move(arguments), std::move(input));
}

Answer receipt(int first, int last, bool replayed = false) {
  return {.status = replayed ? 200u : 201u,
          .body = "{\"first_offset\":" + std::to_string(first) +
                  ",\"last_offset\":" + std::to_string(last) +
                  ",\"replayed\":" + (replayed ? "true" : "false") + ",\"events\":[]}"};
}

constexpr char kEvent[] =
    R"({"offset":7,"id":"x","aggregate_type":"a","aggregate_id":"1","sequence":2,)"
    R"("event_type":"t","payload":{"n":1.0},"recorded_at":"2026-01-24T10:00:00.000000Z"})";

Answer page(const std::string& events, const std::string& next) {
  return {.body = "{\"events\":[" + events + "]," + next + ",\"head\":9}"};
}

TEST(Append, ArgumentsBecomeOneEvent) {
  ScriptedServer server(Script{receipt(7, 7)});
  const Ran ran = run_with(server, {"append", "--type", "t", "--aggregate", "a/1", "--payload",
                                    "{\"n\":1.0}", "--tag", "x", "--json"});
  EXPECT_EQ(Exit::ok, ran.exit) << ran.err;
  EXPECT_EQ(receipt(7, 7).body + '\n', ran.out);
  EXPECT_EQ("POST /v1/events", server.lines().at(0));
  EXPECT_EQ(R"({"event_type":"t","aggregate_type":"a","aggregate_id":"1","payload":{"n":1.0},)"
            R"("tags":["x"]})",
            server.asked().at(0).body);
}

TEST(Append, InputGoesInBatchesAsItIs) {
  ScriptedServer server(Script{receipt(1, 2), receipt(3, 3, true)});
  const Ran ran = run_with(server, {"append", "--batch", "2"}, "{\"n\":1.0}\n{\"n\": 2}\n{}\n");
  EXPECT_EQ(Exit::ok, ran.exit) << ran.err;
  EXPECT_EQ("appended 3 events, offsets 1 to 3, in 2 batches; 1 of them were there already\n",
            ran.out);
  EXPECT_EQ("[{\"n\":1.0},{\"n\": 2}]", server.asked().at(0).body);
  EXPECT_EQ("[{}]", server.asked().at(1).body);
}

TEST(Append, AFileIsReadToo) {
  const std::string path = std::filesystem::temp_directory_path() /
                           ("daybook_append_" + std::to_string(getpid()) + ".json");
  std::ofstream(path) << "[{},{}]";
  ScriptedServer server(Script{receipt(4, 5)});
  const Ran ran = run_with(server, {"append", path, "--json"});
  std::filesystem::remove(path);
  EXPECT_EQ(Exit::ok, ran.exit) << ran.err;
  EXPECT_EQ("{\"events\":2,\"replayed\":0,\"batches\":1,\"first_offset\":4,\"last_offset\":5}\n",
            ran.out);
}

TEST(Append, ARefusalSaysWhyAndWhatIsInTheLog) {
  ScriptedServer server(Script{
      receipt(1, 1),
      {.status = 409,
       .body = R"({"code":"sequence_conflict","detail":"no","conflicts":[{"kind":"sequence",)"
               R"("aggregate_type":"a","aggregate_id":"1","expected":"none","actual":3}]})"}});
  const Ran ran = run_with(server, {"append", "--batch", "1"}, "{}{}");
  EXPECT_EQ(Exit::refused, ran.exit);
  EXPECT_EQ("", ran.out);
  EXPECT_EQ(
      "daybook: sequence_conflict: no\n  a/1 is at sequence 3, expected none\n"
      "in the log before that: 1 event, offsets 1 to 1, in 1 batch; of the next 1, none.\n",
      ran.err);
}

TEST(Append, AnOverloadedDaemonIsAskedAgain) {
  ScriptedServer server(
      Script{{.status = 503, .body = R"({"code":"overloaded"})", .headers = {{"Retry-After", "0"}}},
             receipt(1, 1)});
  EXPECT_EQ(Exit::ok, run_with(server, {"append"}, "{}").exit);
  EXPECT_EQ(2u, server.asked().size());
}

TEST(Append, ALostAnswerIsNotRepeated) {
  ScriptedServer server(Script{{.drops = true}});
  const Ran ran = run_with(server, {"append"}, "{}");
  EXPECT_EQ(Exit::unreachable, ran.exit);
  EXPECT_THAT(ran.err, HasSubstr("whether the next 1 are is not known"));
  EXPECT_EQ(1u, server.asked().size());
}

TEST(Append, ABadLineEndsItBehindWhatWasWhole) {
  ScriptedServer server(Script{receipt(1, 1)});
  const Ran ran = run_with(server, {"append"}, "{}\nx\n");
  EXPECT_EQ(Exit::usage, ran.exit);
  EXPECT_THAT(ran.out, HasSubstr("appended 1 event"));
  EXPECT_THAT(ran.err, HasSubstr("line 2"));
}

TEST(Read, FollowsPagesToTheEnd) {
  ScriptedServer server(Script{page(kEvent, "\"next_after\":7"), page("", "\"next_after\":8"),
                               page(kEvent, "\"next_after\":null")});
  const Ran ran = run_with(server, {"read", "--json", "--type", "t*", "--type", "u", "--tag", "k:v",
                                    "--aggregate", "a/1", "--after", "3", "--limit", "0"});
  EXPECT_EQ(Exit::ok, ran.exit) << ran.err;
  EXPECT_EQ(std::string(kEvent) + '\n' + kEvent + '\n', ran.out);
  const std::string filter =
      "GET /v1/events?aggregate_type=a&aggregate_id=1&event_type=t%2A&event_type=u&tag=k%3Av";
  EXPECT_THAT(server.lines(),
              ElementsAre(filter + "&after=3&limit=1000", filter + "&after=7&limit=1000",
                          filter + "&after=8&limit=1000"));
}

TEST(Read, StopsAtTheLimit) {
  ScriptedServer server(Script{page(kEvent, "\"next_after\":7")});
  const Ran ran = run_with(server, {"read", "--limit", "1"});
  EXPECT_EQ(
      "OFFSET  RECORDED                     TYPE  AGGREGATE  SEQ  PAYLOAD\n"
      "7       2026-01-24T10:00:00.000000Z  t     a/1        2    {\"n\":1.0}\n",
      ran.out);
  EXPECT_THAT(server.lines(), ElementsAre("GET /v1/events?limit=1"));
}

TEST(Read, BeforeMeansNewestFirst) {
  ScriptedServer server(Script{page("", "\"next_before\":null")});
  EXPECT_EQ(Exit::ok, run_with(server, {"read", "--before", "9"}).exit);
  EXPECT_THAT(server.lines(), ElementsAre("GET /v1/events?order=desc&before=9&limit=100"));
}

TEST(Tail, ShowsTheNewestOldestFirstAndFollows) {
  const Answer stream{.body =
                          ": hi\n\nid: 10\ndata: {\"offset\":10}\n\nid: 11\nevent: checkpoint\n"
                          "data: {}\n\n",
                      .content_type = "text/event-stream",
                      .closes = true};
  ScriptedServer server(
      Script{page("{\"offset\":9},{\"offset\":8}", "\"next_before\":null"), stream});
  const Ran ran = run_with(server, {"tail", "-f", "--json", "--retries", "0", "-n", "2"});
  EXPECT_EQ(Exit::unreachable, ran.exit);
  EXPECT_EQ("{\"offset\":8}\n{\"offset\":9}\n{\"offset\":10}\n", ran.out);
  EXPECT_THAT(ran.err, HasSubstr("after offset 11"));
  EXPECT_THAT(server.lines(),
              ElementsAre("GET /v1/events?order=desc&limit=2", "GET /v1/events?after=9"));
}

TEST(Aggregate, IsShownOrItsEventsAre) {
  ScriptedServer server(Script{{.body = "{\"sequence\":2}"},
                               {.body = "{\"events\":[{\"sequence\":2}]}"},
                               {.body = "{\"events\":[]}"}});
  EXPECT_EQ("NAME      VALUE\nsequence  2\n", run_with(server, {"aggregate", "a b", "1/2"}).out);
  EXPECT_EQ("{\"sequence\":2}\n",
            run_with(server, {"aggregate", "a", "1", "--events", "--json"}).out);
  EXPECT_THAT(server.lines(),
              ElementsAre("GET /v1/aggregates/a%20b/1%2F2",
                          "GET /v1/aggregates/a/1/events?after_sequence=0&limit=1000",
                          "GET /v1/aggregates/a/1/events?after_sequence=2&limit=1000"));
}

TEST(Group, IsListedShownCommittedAndReset) {
  ScriptedServer server(
      Script{{.body = R"({"groups":[{"group":"g","members":["m"]}],"next_after":null})"},
             {.body = "{}"},
             {.body = "{\"committed\":5}"},
             {.status = 204}});
  EXPECT_THAT(run_with(server, {"group", "list"}).out, HasSubstr("\ng "));
  EXPECT_EQ(Exit::ok, run_with(server, {"group", "show", "g"}).exit);
  EXPECT_THAT(run_with(server, {"group", "commit", "g", "5", "--generation", "2"}).out,
              HasSubstr("committed  5"));
  EXPECT_EQ("", run_with(server, {"group", "reset", "g", "--to", "head"}).out);
  EXPECT_THAT(server.lines(), ElementsAre("GET /v1/groups", "GET /v1/groups/g",
                                          "POST /v1/groups/g/commit", "POST /v1/groups/g/reset"));
  EXPECT_EQ("{\"offset\":5,\"generation\":2}", server.asked()[2].body);
  EXPECT_EQ("{\"to\":\"head\"}", server.asked()[3].body);
}

TEST(Status, SaysWhetherTheDaemonIsReady) {
  ScriptedServer server(Script{{.body = "{\"head\":3}"},
                               {.body = "{}"},
                               {.body = "{\"head\":3}"},
                               {.status = 503, .body = "{\"reason\":\"the disk is full\"}"}});
  EXPECT_EQ(Exit::ok, run_with(server, {"status"}).exit);
  const Ran ran = run_with(server, {"status"});
  EXPECT_EQ(Exit::refused, ran.exit);
  EXPECT_THAT(ran.out, HasSubstr("head"));
  EXPECT_THAT(ran.err, HasSubstr("not ready: the disk is full"));
}

TEST(Run, ARefusalInJsonIsTheProblemItself) {
  ScriptedServer server(Script{{.status = 404, .body = "{\"code\":\"unknown_group\"}"}});
  const Ran ran = run_with(server, {"--json", "group", "show", "g"});
  EXPECT_EQ(Exit::refused, ran.exit);
  EXPECT_EQ("{\"code\":\"unknown_group\"}\n", ran.err);
}

TEST(Run, ADaemonThatIsNotThereIsUnreachable) {
  std::string url;
  { url = ScriptedServer(Script{}).url(); }
  EXPECT_EQ(Exit::unreachable, run_with(url, {"status"}).exit);
}

TEST(Run, WrongUsageIsTwo) {
  using Arguments = std::vector<std::string>;
  for (const Arguments& arguments :
       std::vector<Arguments>{{},
                              {"no-such"},
                              {"read", "--limit", "x"},
                              {"read", "--after", "1", "--before", "2"},
                              {"read", "--after", "1", "--order", "desc"},
                              {"append", "--type", "t"},
                              {"append", "f", "--type", "t", "--aggregate", "a/1"},
                              {"append", "--type", "t", "--aggregate", "a"},
                              {"append", "/no/such/file"},
                              {"group"},
                              {"group", "reset", "g"},
                              {"work"},
                              {"work", "g"},
                              {"work", "g", "true"},
                              {"work", "g", "--idle", "x", "--once", "--", "true"},
                              {"work", "g", "--parallel", "0", "--", "true"},
                              {"aggregate", "a"},
                              {"read", "--aggregate", "a"}})
    EXPECT_EQ(Exit::usage, run_with("http://127.0.0.1:1", arguments).exit)
        << ::testing::PrintToString(arguments);
  EXPECT_EQ(Exit::usage, run_with("ftp://x", {"status"}).exit);
}

TEST(Run, HelpAndVersionAreAnswers) {
  EXPECT_EQ(Exit::ok, run_with("http://127.0.0.1:1", {"--help"}).exit);
  EXPECT_EQ("daybook 9.9\n", run_with("http://127.0.0.1:1", {"--version"}).out);
}

}  // namespace
}  // namespace daybook::ctl
