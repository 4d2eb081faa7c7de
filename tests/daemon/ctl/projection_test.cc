// `daybook projection` against a server that answers from a script.
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

using daybook::testing::Script;
using daybook::testing::ScriptedServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Pair;

struct Ran {
  Exit exit;
  std::string out;
  std::string err;
};

Ran run_with(const std::string& url, std::vector<std::string> arguments, std::string input = "") {
  std::istringstream in(std::move(input));
  std::ostringstream out;
  std::ostringstream err;
  arguments.insert(arguments.begin(), {"--url", url, "projection"});
  const Exit exit = run(std::move(arguments), {.in = in, .out = out, .err = err}, "9.9");
  return {exit, out.str(), err.str()};
}

Ran run_with(const ScriptedServer& server, std::vector<std::string> arguments,
             std::string input = "") {
  return run_with(server.url(), std::move(arguments), std::move(input));
}

constexpr char kPostgres[] =
    R"({"name":"postgres","kind":"postgres","phase":"failing","trouble":"no\u001banswer",)"
    R"("checkpoint":7,"lag":3,"lag_seconds":1.5,"failed_events":2,"head":10})";
constexpr char kNotYet[] = R"({"code":"not_yet","detail":"it is at 7"})";

TEST(Projection, TheyAreListed) {
  const std::string body = "{\"projections\":[" + std::string(kPostgres) + "],\"next_after\":null}";
  ScriptedServer server(Script{{.body = body}, {.body = body}});
  EXPECT_EQ(
      "NAME      KIND      PHASE    CHECKPOINT  LAG  SECONDS  FAILED  TROUBLE\n"
      "postgres  postgres  failing  7           3    1.5      2       no\xEF\xBF\xBD"
      "answer\n",
      run_with(server, {"list"}).out);
  EXPECT_EQ(std::string(kPostgres) + '\n', run_with(server, {"list", "--json"}).out);
}

TEST(Projection, OneIsShownAndSteered) {
  ScriptedServer server(Script{{.body = kPostgres},
                               {.body = R"({"phase":"paused"})"},
                               {.body = R"({"phase":"following"})"},
                               {.status = 204}});
  EXPECT_EQ(std::string(kPostgres) + '\n', run_with(server, {"show", "p/1", "--json"}).out);
  EXPECT_THAT(run_with(server, {"pause", "p/1"}).out, HasSubstr("paused"));
  EXPECT_THAT(run_with(server, {"resume", "p/1"}).out, HasSubstr("following"));
  EXPECT_EQ("", run_with(server, {"delete", "p/1"}).out);
  EXPECT_THAT(server.lines(),
              ElementsAre("GET /v1/projections/p%2F1", "POST /v1/projections/p%2F1/pause",
                          "POST /v1/projections/p%2F1/resume", "DELETE /v1/projections/p%2F1"));
}

TEST(Projection, IsWaitedForUntilTheHeadOfNowIsPosted) {
  ScriptedServer server(
      Script{{.body = kPostgres}, {.status = 504, .body = kNotYet}, {.body = kPostgres}});
  EXPECT_EQ(Exit::ok, run_with(server, {"wait", "p"}).exit);
  for (const std::size_t request : {1, 2})
    EXPECT_THAT(server.asked().at(request).headers,
                IsSupersetOf({Pair("Daybook-Min-Offset", "10"), Pair("Daybook-Wait-Ms", "10000")}));
}

TEST(Projection, AWaitEndsWithItsTimeoutAndWithARefusal) {
  ScriptedServer server(
      Script{{.status = 504, .body = kNotYet},
             {.status = 404, .body = R"({"code":"not_found","detail":"there is none"})"}});
  const Ran late = run_with(server, {"wait", "p", "--offset", "8", "--timeout", "50ms"});
  EXPECT_EQ(Exit::refused, late.exit);
  EXPECT_EQ("daybook: not_yet: it is at 7\n", late.err);
  EXPECT_THAT(server.asked().at(0).headers, IsSupersetOf({Pair("Daybook-Min-Offset", "8")}));
  EXPECT_EQ("daybook: not_found: there is none\n",
            run_with(server, {"wait", "none", "--offset", "8"}).err);
}

TEST(Projection, ARebuildIsBegunOrWaitedFor) {
  const std::string building = R"({"build":{"checkpoint":5,"events":5},"head":10})";
  ScriptedServer server(Script{{.status = 202, .body = building},
                               {.status = 202, .body = building},
                               {.body = building},
                               {.body = R"({"build":null,"generation":2})"}});
  EXPECT_THAT(run_with(server, {"rebuild", "p"}).out, HasSubstr("checkpoint"));
  EXPECT_THAT(run_with(server, {"rebuild", "p", "--wait"}).out, HasSubstr("generation  2"));
  EXPECT_THAT(server.lines(),
              ElementsAre("POST /v1/projections/p/rebuild", "POST /v1/projections/p/rebuild",
                          "GET /v1/projections/p", "GET /v1/projections/p"));
}

TEST(Projection, FailuresAreListedPageByPage) {
  ScriptedServer server(
      Script{{.body = R"({"failures":[{"offset":7,"id":"e-7","reason":"a \\u0000",)"
                      R"("original":"{}","failed_at":"2026-01-24T10:00:00Z"}],"next_after":7})"},
             {.body = R"({"failures":[],"next_after":null})"}});
  EXPECT_EQ(
      "OFFSET  ID   FAILED                REASON\n"
      "7       e-7  2026-01-24T10:00:00Z  a \\u0000\n",
      run_with(server, {"failures", "p", "--after", "3", "--limit", "5"}).out);
  EXPECT_THAT(server.lines(), ElementsAre("GET /v1/projections/p/failures?after=3&limit=5",
                                          "GET /v1/projections/p/failures?after=7&limit=4"));
}

TEST(Projection, FailuresAreRetriedAndThoseThatFailAgainTold) {
  ScriptedServer server(
      Script{{.body = R"({"posted":2,"failed":0})"}, {.body = R"({"posted":0,"failed":1})"}});
  EXPECT_EQ(Exit::ok, run_with(server, {"retry", "p"}).exit);
  const Ran again = run_with(server, {"retry", "p", "7", "9"});
  EXPECT_EQ(Exit::refused, again.exit);
  EXPECT_EQ("daybook: 1 failed again\n", again.err);
  EXPECT_EQ("{}", server.asked().at(0).body);
  EXPECT_EQ(R"({"offsets":[7,9]})", server.asked().at(1).body);
}

TEST(Projection, AReadModelIsDeclaredFromAFileOrTheInput) {
  ScriptedServer server(Script{{.status = 201, .body = "{}"}, {.body = "{}"}});
  const std::string path =
      std::filesystem::temp_directory_path() / ("projection-" + std::to_string(::getpid()));
  std::ofstream(path) << R"({"table": 1.0})";
  EXPECT_EQ(Exit::ok, run_with(server, {"put", "agents", path}).exit);
  std::filesystem::remove(path);
  EXPECT_EQ(Exit::ok, run_with(server, {"put", "agents", "-"}, R"({"table":2})").exit);
  EXPECT_EQ("PUT /v1/projections/agents", server.lines().at(0));
  EXPECT_EQ(R"({"table": 1.0})", server.asked().at(0).body);
  EXPECT_EQ(R"({"table":2})", server.asked().at(1).body);
}

TEST(Projection, WrongUsageAsksNobody) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"show"},
        {"put", "p"},
        {"put", "p", "/nowhere/at/all"},
        {"wait", "p", "--offset", "1", "--timeout", "soon"},
        {"retry", "p", "x"}})
    EXPECT_EQ(Exit::usage, run_with("http://127.0.0.1:1", arguments).exit)
        << ::testing::PrintToString(arguments);
}

}  // namespace
}  // namespace daybook::ctl
