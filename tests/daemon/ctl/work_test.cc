// `daybook work` with real commands, against a queue that remembers what it was told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/stop_signals.h"
#include "tests/daemon/ctl/queue_server.h"

namespace daybook::ctl {
namespace {

namespace fs = std::filesystem;
using daybook::testing::QueueServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::string event(int offset, const std::string& more = "") {
  return "{\"offset\":" + std::to_string(offset) +
         R"(,"aggregate_type":"order","aggregate_id":"o/1","event_type":"order.paid",)"
         R"("payload":{"n":1.0},"attempt":2)" +
         more + '}';
}

std::string body(const std::string& offsets, const std::string& attempts,
                 const std::string& more = "") {
  return R"({"member":"m","offsets":[)" + offsets + R"(],"attempts":[)" + attempts + ']' + more +
         '}';
}

std::string nacked(const std::string& offset, const std::string& action,
                   const std::string& reason) {
  return body(offset, "2", R"(,"action":")" + action + R"(","reason":")" + reason + '"');
}

struct Ran {
  Exit exit;
  std::string err;
};

class WorkTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(dir_); }
  void TearDown() override { fs::remove_all(dir_); }

  static Ran work(const QueueServer& server, std::vector<std::string> options,
                  const std::string& script) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    std::vector<std::string> arguments{"--url", server.url(), "work", "g", "--member", "m"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"--", "sh", "-c", script});
    const Exit exit = run(std::move(arguments), {.in = in, .out = out, .err = err}, "9.9");
    return {exit, err.str()};
  }
  std::string path(const std::string& name) const { return dir_ / name; }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }

 private:
  const fs::path dir_ = fs::temp_directory_path() / ("daybook_work_" + std::to_string(getpid()));
};

TEST_F(WorkTest, ACommandGetsTheEventAndAcksIt) {
  QueueServer server({event(7)});
  const Ran ran = work(server, {"--count", "1"},
                       "cat >" + path("in") +
                           "; echo $DAYBOOK_GROUP $DAYBOOK_OFFSET $DAYBOOK_ATTEMPT "
                           "$DAYBOOK_EVENT_TYPE $DAYBOOK_AGGREGATE_TYPE $DAYBOOK_AGGREGATE_ID >" +
                           path("env"));
  EXPECT_EQ(Exit::ok, ran.exit) << ran.err;
  EXPECT_EQ(event(7) + '\n', read("in"));
  EXPECT_EQ("g 7 2 order.paid order o/1\n", read("env"));
  EXPECT_THAT(server.told("ack"), ElementsAre(body("7", "2")));
  EXPECT_THAT(server.told("leave"), ElementsAre(R"({"member":"m"})"));
  EXPECT_THAT(ran.err, HasSubstr("1 event: 1 acked, 0 to be tried again, 0 dead, 0 lost"));
}

TEST_F(WorkTest, ExitCodesDecide) {
  QueueServer server({event(1), event(2), event(3), event(4)});
  const Ran ran = work(server, {"--count", "4", "--parallel", "1"},
                       "echo why >&2; case $DAYBOOK_OFFSET in 1) exit 75;; 2) exit 65;; "
                       "3) kill -9 $$;; *) exit 1;; esac");
  EXPECT_EQ(Exit::ok, ran.exit) << ran.err;
  EXPECT_THAT(server.told("nack"), ElementsAre(nacked("1", "retry", "exit code 75: why"),
                                               nacked("2", "dead_letter", "exit code 65: why"),
                                               nacked("3", "retry", "signal 9: why"),
                                               nacked("4", "retry", "exit code 1: why")));
  EXPECT_THAT(ran.err, HasSubstr("why\nwhy\nwhy\nwhy\n"));
  EXPECT_THAT(ran.err, HasSubstr("4 events: 0 acked, 3 to be tried again, 1 dead, 0 lost"));
}

TEST_F(WorkTest, EventsRunSideBySide) {
  QueueServer server({event(1), event(2), event(3)});
  // Each waits until all three have begun.
  const Ran ran = work(server, {"--count", "3", "--parallel", "3"},
                       "touch " + path("$DAYBOOK_OFFSET") + "; while [ $(ls " + path("") +
                           " | wc -l) -lt 3 ]; do sleep 0.01; done");
  EXPECT_EQ(Exit::ok, ran.exit) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("3 acked"));
}

TEST_F(WorkTest, NoMoreIsFetchedThanCanRun) {
  QueueServer server({event(1), event(2), event(3)});
  work(server, {"--count", "3", "--parallel", "2"}, "true");
  for (const std::string& fetch : server.told("fetch"))
    EXPECT_THAT(fetch, ::testing::AnyOf(HasSubstr("\"max\":1,"), HasSubstr("\"max\":2,")));
}

TEST_F(WorkTest, OnceEndsWhenNothingIsLeft) {
  QueueServer server({event(1), event(2)});
  const Ran ran = work(server, {"--once", "--idle", "50ms"}, "true");
  EXPECT_EQ(Exit::ok, ran.exit);
  EXPECT_THAT(ran.err, HasSubstr("2 events: 2 acked"));
}

TEST_F(WorkTest, WhatRunsTooLongIsKilled) {
  QueueServer server({event(1)});
  const Ran ran = work(server, {"--count", "1", "--max-runtime", "50ms"}, "sleep 1000 & wait");
  EXPECT_THAT(server.told("nack"), ElementsAre(nacked("1", "retry", "ran too long: signal 9")));
}

TEST_F(WorkTest, LeasesAreExtendedWhileItRuns) {
  QueueServer server({event(1)}, 60);
  const std::string script = "while [ ! -e " + path("go") + " ]; do sleep 0.01; done";
  std::thread watcher([&] {
    EXPECT_TRUE(server.wait_for("extend", 2));
    std::ofstream(path("go")) << "";
  });
  work(server, {"--count", "1"}, script);
  watcher.join();
  EXPECT_EQ(body("1", "2"), server.told("extend").front());
  EXPECT_THAT(server.told("ack"), SizeIs(1));
}

TEST_F(WorkTest, ALostLeaseIsSaidOnceAndNotSettled) {
  QueueServer server({event(1)}, 60);
  server.refuse("1");
  const std::string script = "while [ ! -e " + path("go") + " ]; do sleep 0.01; done";
  std::thread watcher([&] {
    EXPECT_TRUE(server.wait_for("extend", 1));
    std::ofstream(path("go")) << "";
  });
  const Ran ran = work(server, {"--count", "1"}, script);
  watcher.join();
  EXPECT_THAT(ran.err, HasSubstr("event 1: its lease (attempt 2) is lost"));
  EXPECT_THAT(ran.err, HasSubstr("0 acked, 0 to be tried again, 0 dead, 1 lost"));
  EXPECT_THAT(server.told("extend"), SizeIs(1));
  EXPECT_THAT(server.told("ack"), IsEmpty());
}

TEST_F(WorkTest, ARefusedAckIsNotCounted) {
  QueueServer server({event(1), event(2)});
  server.refuse("1");
  const Ran ran = work(server, {"--count", "2"}, "true");
  EXPECT_THAT(ran.err, HasSubstr("2 events: 1 acked, 0 to be tried again, 0 dead, 1 lost"));
}

TEST_F(WorkTest, AnOutageLeavesOneExtensionOfEachLease) {
  QueueServer server({event(1)}, 60);
  server.overload("extend", 2);
  std::thread watcher([&] {
    EXPECT_TRUE(server.wait_for("extend", 1));
    std::ofstream(path("go")) << "";
  });
  const Ran ran =
      work(server, {"--count", "1"}, "while [ ! -e " + path("go") + " ]; do sleep 0.01; done");
  watcher.join();
  EXPECT_EQ(Exit::ok, ran.exit) << ran.err;
  EXPECT_EQ(body("1", "2"), server.told("extend").front());
  EXPECT_THAT(server.told("ack"), SizeIs(1));
}

TEST_F(WorkTest, AReplayThatIsGoneEndsNothingElse) {
  QueueServer server({event(1, R"(,"replay_id":"r-1")"), event(2)});
  server.forget_replays();
  const Ran ran = work(server, {"--count", "2", "--parallel", "1"}, "true");
  EXPECT_EQ(Exit::ok, ran.exit) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("event 1: its lease (attempt 2) is lost"));
  EXPECT_THAT(ran.err, HasSubstr("2 events: 1 acked, 0 to be tried again, 0 dead, 1 lost"));
}

TEST_F(WorkTest, AReplayIsAckedWithItsId) {
  QueueServer server({event(1, R"(,"replay_id":"r-1")")});
  work(server, {"--count", "1"}, "true");
  EXPECT_THAT(server.told("ack"), ElementsAre(body("1", "2", R"(,"replay_id":"r-1")")));
}

TEST_F(WorkTest, ALostDaemonIsLookedForAndSaidOnce) {
  for (const char* verb : {"fetch", "ack"}) {
    QueueServer server({event(1)});
    server.drop(verb, 2);
    const Ran dropped = work(server, {"--count", "1"}, "true");
    EXPECT_EQ(Exit::ok, dropped.exit) << dropped.err;
    EXPECT_THAT(server.told("ack"), ElementsAre(body("1", "2")));
    const std::size_t said = dropped.err.find("; trying again");
    ASSERT_NE(std::string::npos, said);
    EXPECT_EQ(std::string::npos, dropped.err.find("; trying again", said + 1));
    EXPECT_THAT(dropped.err, HasSubstr("the daemon is back"));
  }
}

TEST_F(WorkTest, AnOverloadedDaemonIsAskedAgain) {
  QueueServer server({event(1)});
  server.overload("ack", 2);
  EXPECT_EQ(Exit::ok, work(server, {"--count", "1"}, "true").exit);
  EXPECT_THAT(server.told("ack"), SizeIs(1));
}

TEST_F(WorkTest, ASignalLetsWhatRunsFinish) {
  QueueServer server({event(1), event(2)}, 60);
  std::thread operator_thread([&, worker = pthread_self()] {
    EXPECT_TRUE(server.wait_for("extend", 1));  // the command runs
    pthread_kill(worker, SIGTERM);
    // The second one from now is sent in a round that began after the signal.
    EXPECT_TRUE(server.wait_for("extend", server.told("extend").size() + 2));
    std::ofstream(path("go")) << "";
  });
  const Ran ran =
      work(server, {"--parallel", "1"}, "while [ ! -e " + path("go") + " ]; do sleep 0.01; done");
  operator_thread.join();
  EXPECT_EQ(Exit::ok, ran.exit);
  EXPECT_THAT(ran.err, HasSubstr("waiting for 1 to finish"));
  EXPECT_THAT(server.told("ack"), ElementsAre(body("1", "2")));
  EXPECT_THAT(server.told("leave"), SizeIs(1));
}

TEST_F(WorkTest, ASecondSignalDoesNot) {
  std::signal(SIGHUP, SIG_DFL);  // though the tests run under nohup
  // Two of a kind that wait together would be one.
  for (const auto& [first, second] : {std::pair{SIGTERM, SIGINT}, std::pair{SIGHUP, SIGQUIT}}) {
    QueueServer server({event(1)}, 60);
    std::thread operator_thread([&, worker = pthread_self()] {
      EXPECT_TRUE(server.wait_for("extend", 1));  // the command runs
      pthread_kill(worker, first);
      pthread_kill(worker, second);
    });
    const Ran ran = work(server, {}, "sleep 1000");
    operator_thread.join();
    EXPECT_EQ(Exit::ok, ran.exit);
    EXPECT_THAT(server.told("ack"), IsEmpty());
    EXPECT_THAT(server.told("nack"), IsEmpty());
    EXPECT_THAT(server.told("leave"), SizeIs(1));
  }
}

TEST_F(WorkTest, ASecondSignalDoesNotWaitForADaemonThatHangs) {
  using Clock = std::chrono::steady_clock;
  QueueServer server({event(1)}, 60);
  server.hang("fetch");
  server.hang("leave");
  Clock::time_point signalled;
  std::thread operator_thread([&, worker = pthread_self()] {
    EXPECT_TRUE(server.wait_for("fetch", 2));
    signalled = Clock::now();
    pthread_kill(worker, SIGTERM);
    pthread_kill(worker, SIGINT);
  });
  work(server, {}, "sleep 1000");
  operator_thread.join();
  EXPECT_GT(std::chrono::seconds(5), Clock::now() - signalled);
  EXPECT_THAT(server.told("leave"), SizeIs(1));
}

TEST_F(WorkTest, ABrokenPipeEndsNothing) {
  QueueServer server({event(1)}, 60);
  std::thread reader([&, worker = pthread_self()] {
    EXPECT_TRUE(server.wait_for("extend", 1));  // the command runs
    pthread_kill(worker, SIGPIPE);
    std::ofstream(path("go")) << "";
  });
  work(server, {"--count", "1"}, "while [ ! -e " + path("go") + " ]; do sleep 0.01; done");
  reader.join();
  EXPECT_THAT(server.told("ack"), SizeIs(1));
}

TEST(StopSignals, AnIgnoredHangupStaysIgnored) {
  const auto before = std::signal(SIGHUP, SIG_IGN);
  StopSignals signals;
  raise(SIGHUP);
  EXPECT_FALSE(signals.take());
  std::signal(SIGHUP, before);
}

TEST_F(WorkTest, ACommandThatIsNotThereEndsItAndFailsNoEvent) {
  QueueServer server({event(1)});
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(Exit::usage, run({"--url", server.url(), "work", "g", "--", "/no/such/command"},
                             {.in = in, .out = out, .err = err}, "9.9"));
  EXPECT_THAT(err.str(), HasSubstr("cannot run /no/such/command: No such file"));
  EXPECT_THAT(server.told("nack"), IsEmpty());
  EXPECT_THAT(server.told("leave"), SizeIs(1));
}

TEST_F(WorkTest, ArgumentsArePassedOnAsTheyAre) {
  QueueServer server({event(1)});
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const std::string script = "printf '<%s>' \"$@\" >" + path("args");
  EXPECT_EQ(Exit::ok, run({"--url", server.url(), "work", "g", "--count", "1", "--", "sh", "-c",
                           script, "sh", "[a,b]", "--json", "read", "--", ""},
                          {.in = in, .out = out, .err = err}, "9.9"))
      << err.str();
  EXPECT_EQ("<[a,b]><--json><read><--><>", read("args"));
}

}  // namespace
}  // namespace daybook::ctl
