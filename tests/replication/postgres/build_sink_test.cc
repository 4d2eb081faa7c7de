// The next generation is built beside the one that users see, and takes its place at once.
#include <atomic>
#include <thread>

#include "replication/postgres/projection_sink.h"
#include "tests/replication/postgres/lossy_proxy.h"
#include "tests/replication/postgres/projection_test.h"

namespace daybook::postgres {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class BuildSinkTest : public ProjectionTest {
 protected:
  // A live projection that has caught up.
  Running& follow_live(int events) {
    Running& running = follow(live());
    add(events);
    until_posted(running);
    return running;
  }
  void until_over(const Running& running) {
    until([&] { return running.is_over; });
    EXPECT_EQ(FollowerPhase::finished, running.state().phase)
        << ::testing::PrintToString(running.told);
  }
  std::string tables() const {
    return value(
        "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class "
        "WHERE relkind = 'r' AND relname ~ '^(things|heads)_g'");
  }
  std::string generation() const {
    return value("SELECT generation FROM daybook.checkpoints WHERE name = 'things'");
  }
};

TEST_F(BuildSinkTest, TheNextGenerationTakesThePlaceOfTheOld) {
  Running& running = follow_live(35);
  sql("CREATE ROLE reader_" + database_ + "; GRANT SELECT ON things TO reader_" + database_ +
      "; CREATE VIEW mine AS SELECT count(*) AS n FROM things");
  until_over(follow(build()));
  EXPECT_EQ("2", generation());
  EXPECT_EQ("heads_g2,things_g2", tables());
  EXPECT_EQ("1", value("SELECT count(*) FROM daybook.checkpoints"));
  EXPECT_EQ("35", value("SELECT n FROM mine"));
  EXPECT_EQ("t", value("SELECT has_table_privilege('reader_" + database_ +
                       "', 'things', "
                       "'SELECT')"));
  EXPECT_EQ("1", value("SELECT count(*) FROM pg_indexes WHERE tablename = 'things_g2'"));
  expect_exact();
  add(5);
  until_posted(running);
  until_told(running, "has taken \"things\" over");
  expect_exact();
  sql("DROP VIEW mine; DROP OWNED BY reader_" + database_ + "; DROP ROLE reader_" + database_);
}

TEST_F(BuildSinkTest, AReaderNeverSeesATableThatIsHalfFilled) {
  page_events_ = 1000;
  Running& running = follow_live(2000);
  std::atomic<bool> stopping{false};
  std::atomic<int> looks{0};
  std::vector<std::uint64_t> seen;
  std::thread reader([&] {
    while (!stopping) {
      seen.push_back(std::stoull(value("SELECT count(*) FROM things")));
      ++looks;
    }
  });
  auto last_add = std::chrono::steady_clock::now();
  for (int round = 0; round < 3; ++round) {
    Running& building = follow(build());
    until([&] {
      const auto now = std::chrono::steady_clock::now();
      if (now - last_add > milliseconds(2)) {
        add(1);
        last_add = now;
      }
      return building.is_over;
    });
    const int before = looks;
    until([&] { return looks > before + 2; });
  }
  stopping = true;
  reader.join();
  until_posted(running);
  expect_exact();
  EXPECT_EQ("4", generation());
  EXPECT_LE(2000u, seen.front());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end())) << ::testing::PrintToString(seen);
}

TEST_F(BuildSinkTest, ABuildGoesOnAfterARestart) {
  follow_live(100);
  int pages = 0;
  hooks_->at = [&](const std::string&) { ++pages; };
  Running& first = follow(build());
  until([&] { return pages > 9; });
  stop(first);
  const auto reached =
      std::stoull(value("SELECT log_offset FROM daybook.checkpoints WHERE name = 'things#build'"));
  EXPECT_LT(0u, reached);
  EXPECT_GT(100u, reached);
  Running& second = follow(build());
  until_over(second);
  EXPECT_EQ(reached, second.moved.front());
  EXPECT_EQ("2", generation());
  expect_exact();
}

// As it is where it stops after the indexes are made.
TEST_F(BuildSinkTest, ABuildThatIsCompleteIsSwappedInAfterARestart) {
  follow_live(10);
  std::unique_ptr<Sink> first = build();
  open(*first).value();
  run(first->write(log_.read({.limit = 100}))).value();
  run(first->caught_up()).value();
  EXPECT_EQ("1", value("SELECT count(*) FROM pg_indexes WHERE tablename = 'things_g2'"));
  first->close();
  until_over(follow(build()));
  EXPECT_EQ("2", generation());
  expect_exact();
}

TEST_F(BuildSinkTest, AnotherDefinitionIsBuiltBeside) {
  Running& running = follow_live(20);
  stop(running);
  definition_ = "things 2";
  Running& next = follow(live());
  until([&] { return builds_asked_ == 1; });
  until_over(follow(build()));
  add(3);
  until_posted(next);
  EXPECT_EQ("23", value("SELECT count(note) FROM things"));
  EXPECT_EQ("things 2", value("SELECT definition FROM daybook.checkpoints"));
  expect_exact();
}

TEST_F(BuildSinkTest, ABuildOfAnotherDefinitionIsBegunAnew) {
  follow_live(50);
  int pages = 0;
  hooks_->at = [&](const std::string&) { ++pages; };
  Running& first = follow(build());
  until([&] { return pages > 6; });
  stop(first);
  definition_ = "things 2";
  Running& second = follow(build());
  until_over(second);
  EXPECT_EQ(0u, second.moved.front());
  EXPECT_EQ("50", value("SELECT count(note) FROM things"));
  EXPECT_EQ("2", generation());
}

TEST_F(BuildSinkTest, ItsFailuresTakeThePlaceOfTheOldOnes) {
  Running& running = follow(live());
  until_posted(running);
  sql("ALTER TABLE things_g1 ADD CHECK (payload->>'bad' IS NULL)");
  add(5);
  add(R"({"bad": 1})");
  add(R"({"text": "\u0000"})");
  until_posted(running);
  EXPECT_EQ(2u, counts_->failures);
  until_over(follow(build()));
  EXPECT_EQ((std::vector<std::uint64_t>{7}), failed());
  EXPECT_EQ("1", value("SELECT count(*) FROM daybook.failures"));
  expect_exact();
}

TEST_F(BuildSinkTest, ItIsNotSwappedInWhileTheOtherIsFurther) {
  Running& running = follow_live(10);
  stop(running);
  sql("UPDATE daybook.checkpoints SET log_offset = 11");
  std::unique_ptr<Sink> sink = build();
  open(*sink).value();
  run(sink->write(log_.read({.limit = 100}))).value();
  for (int i = 0; i < 3; ++i) {
    const Sink::Rest rest = run(sink->caught_up()).value();
    EXPECT_FALSE(rest.finished);
    EXPECT_GE(milliseconds(10), rest.again.value());
    EXPECT_EQ("1", generation());
  }
  sql("UPDATE daybook.checkpoints SET log_offset = 10 WHERE name = 'things'");
  until([&] { return run(sink->caught_up()).value().finished; });
  EXPECT_EQ("2", generation());
  sink->close();
}

TEST_F(BuildSinkTest, AReaderThatStaysIsNotWaitedForWithTheDoorClosed) {
  Running& running = follow_live(10);
  stop(running);
  Connection reader(context_.get_executor(), target_);
  run(reader.open(std::chrono::seconds(30))).value();
  run(reader.run("BEGIN; SELECT count(*) FROM things")).value();
  std::unique_ptr<Sink> sink = build();
  open(*sink).value();
  run(sink->write(log_.read({.limit = 100}))).value();
  run(sink->caught_up()).value();
  const Sink::Rest rest = run(sink->caught_up()).value();
  EXPECT_FALSE(rest.finished);
  EXPECT_LE(milliseconds(5000), rest.again.value());
  EXPECT_EQ("1", generation());
  EXPECT_EQ("10", value("SELECT count(*) FROM things"));
  sink->close();
}

TEST_F(BuildSinkTest, ALostAnswerToTheSwapIsResolvedByTheRow) {
  Running& running = follow_live(10);
  stop(running);
  LossyProxy proxy(server_.port());
  target_ = "postgresql://postgres@127.0.0.1:" + std::to_string(proxy.port()) + '/' + database_;
  std::unique_ptr<Sink> sink = build();
  open(*sink).value();
  run(sink->write(log_.read({.limit = 100}))).value();
  run(sink->caught_up()).value();
  proxy.lose(LossyProxy::Loses::answer);
  EXPECT_FALSE(run(sink->caught_up()));
  sink->close();
  EXPECT_TRUE(proxy.has_lost());
  EXPECT_EQ("2", generation());
  EXPECT_EQ(Offset{10}, open(*sink).value());
  EXPECT_TRUE(run(sink->caught_up()).value().finished);
  sink->close();
  EXPECT_EQ("heads_g2,things_g2", tables());
  expect_exact();
}

TEST_F(BuildSinkTest, WhatAnotherDaemonBuildsIsWaitedForAndNotBuiltAgain) {
  follow_live(10);
  std::unique_ptr<Sink> theirs = build();
  open(*theirs).value();
  Running& ours = follow(build());
  until_told(ours, "standby: another session posts to \"things#build\"");
  run(theirs->write(log_.read({.limit = 100}))).value();
  until([&] { return run(theirs->caught_up()).value().finished; });
  theirs->close();
  until_over(ours);
  EXPECT_EQ("2", generation());
  expect_exact();
}

TEST_F(BuildSinkTest, WithoutALiveProjectionItIsTheFirst) {
  add(10);
  until_over(follow(build()));
  EXPECT_EQ("1", generation());
  expect_exact();
  Running& running = follow(live());
  add(1);
  until_posted(running);
  expect_exact();
}

TEST_F(BuildSinkTest, ALiveProjectionThatBeginsBesideABuildIsReplacedByIt) {
  add(10);
  std::unique_ptr<Sink> sink = build();
  open(*sink).value();
  Running& running = follow(live());
  until_posted(running);
  EXPECT_EQ("2", generation());
  run(sink->write(log_.read({.limit = 100}))).value();
  until([&] { return run(sink->caught_up()).value().finished; });
  sink->close();
  add(2);
  until_posted(running);
  EXPECT_EQ("1", generation());
  EXPECT_EQ("heads_g1,things_g1", tables());
  expect_exact();
}

TEST_F(BuildSinkTest, ABuildWhoseTablesAreDroppedBeginsAnew) {
  follow_live(60);
  int pages = 0;
  hooks_->at = [&](const std::string&) {
    if (++pages == 10) sql("DROP TABLE things_g2");
  };
  page_events_ = 5;
  Running& running = follow(build());
  until_over(running);
  EXPECT_THAT(::testing::PrintToString(running.told), HasSubstr("generation 2, cannot be used"));
  EXPECT_EQ("2", generation());
  expect_exact();
}

}  // namespace
}  // namespace daybook::postgres
