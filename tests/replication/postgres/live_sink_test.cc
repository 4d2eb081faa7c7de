// Posts exactly once, whatever happens to the connection, the server and the tables.
#include "replication/postgres/projection_sink.h"
#include "tests/replication/postgres/lossy_proxy.h"
#include "tests/replication/postgres/projection_test.h"

namespace daybook::postgres {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LiveSinkTest : public ProjectionTest {
 protected:
  void terminate_all() const {
    sql("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'daybook'");
  }
};

TEST_F(LiveSinkTest, PostsWhatIsThereAndWhatComesAndGoesOnFromItsCheckpoint) {
  add(25);
  Running& first = follow(live());
  until_posted(first);
  add(3);
  until_posted(first);
  EXPECT_THAT(first.moved, ElementsAre(0, 10, 20, 25, 28));
  stop(first);
  add(2);
  Running& second = follow(live());
  until_posted(second);
  EXPECT_EQ(28u, second.moved.front());
  expect_exact();
  EXPECT_EQ(0, builds_asked_);
}

TEST_F(LiveSinkTest, ABackendThatIsTerminatedAtAnyStepLosesAndDoublesNothing) {
  add(15);
  std::vector<std::string> steps{"before the copy", "in the copy", "after the copy"};
  hooks_->at = [&](const std::string& step) {
    if (steps.empty() || steps.back() != step) return;
    steps.pop_back();
    terminate_all();
  };
  Running& running = follow(live());
  until_posted(running);
  EXPECT_TRUE(steps.empty());
  EXPECT_EQ(3u, running.state().failures);
  expect_exact();
}

// The trigger is deferred, so that it ends the session in COMMIT.
TEST_F(LiveSinkTest, ABackendThatIsTerminatedInCommitHasCommittedNothing) {
  Running& running = follow(live());
  until([&] { return running.state().checkpoint.has_value(); });
  sql("CREATE SEQUENCE killed; CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN IF nextval('killed') <= 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); "
      "END IF; RETURN NULL; END $$; CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON "
      "daybook.checkpoints INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.log_offset > OLD.log_offset) "
      "EXECUTE FUNCTION die()");
  add(5);
  until_posted(running);
  EXPECT_EQ(2u, running.state().failures);
  expect_exact();
}

TEST_F(LiveSinkTest, ALostCommitAndALostAnswerToItAreToldApartByTheCheckpoint) {
  LossyProxy proxy(server_.port());
  target_ = "postgresql://postgres@127.0.0.1:" + std::to_string(proxy.port()) + '/' + database_;
  Running& running = follow(live());
  until([&] { return running.state().phase == FollowerPhase::following; });
  for (const auto lost : {LossyProxy::Loses::answer, LossyProxy::Loses::commit}) {
    proxy.lose(lost);
    add(4);
    until_posted(running);
    EXPECT_TRUE(proxy.has_lost());
    expect_exact();
  }
  // After the lost answer the page was not written again.
  EXPECT_THAT(running.moved, ElementsAre(0, 4, 4, 8));
  EXPECT_EQ(2u, running.state().failures);
}

TEST_F(LiveSinkTest, TwoDaemonsOnOneDatabaseOneStandsByAndTakesOver) {
  Running& first = follow(live());
  add(5);
  until_posted(first);
  Running& second = follow(live());
  until_told(second, "standby: another session posts to \"things\": process ");
  EXPECT_THAT(second.told.back(), HasSubstr("daybook from 127.0.0.1"));
  EXPECT_EQ(0u, second.state().failures);
  add(5);
  until_posted(first);
  stop(first);
  add(5);
  until_posted(second);
  expect_exact();
}

// A pooler may lose the lock: then the epoch alone decides.
TEST_F(LiveSinkTest, WhoWasFencedCannotCommit) {
  add(5);
  std::unique_ptr<Sink> old = live();
  open(*old).value();
  sql("UPDATE daybook.checkpoints SET epoch = epoch + 1");
  const Page page = log_.read({.limit = 10});
  const Result<void> written = run(old->write(page));
  EXPECT_EQ(Errc::fenced, written.error().code);
  EXPECT_THAT(written.error().detail, HasSubstr("has taken \"things\" over"));
  EXPECT_TRUE(posted().empty());
  old->close();
  Running& running = follow(live());
  until_posted(running);
  expect_exact();
}

TEST_F(LiveSinkTest, AnotherLogsProjectionIsLeftAlone) {
  Running& ours = follow(live());
  add(3);
  until_posted(ours);
  stop(ours);
  const std::string before = value("SELECT c::text FROM daybook.checkpoints c");
  log_id_ = "0197a0c8-0000-7000-8000-000000000002";
  const Result<Offset> opened = open(*live());
  EXPECT_EQ(Errc::bad_value, opened.error().code);
  EXPECT_THAT(opened.error().detail, AllOf(HasSubstr("000000000001"), HasSubstr("000000000002"),
                                           HasSubstr("another database")));
  EXPECT_EQ(before, value("SELECT c::text FROM daybook.checkpoints c"));
  const Result<Offset> built = open(*build());
  EXPECT_EQ(Errc::bad_value, built.error().code);
}

TEST_F(LiveSinkTest, AnotherDefinitionIsKeptUntilItsSuccessorIsBuilt) {
  Running& first = follow(live());
  add(3);
  until_posted(first);
  stop(first);
  definition_ = "things 2";
  Running& second = follow(live());
  add(3);
  until_posted(second);
  second.follower->reopen();
  add(1);
  until_posted(second);
  EXPECT_EQ(1, builds_asked_);
  EXPECT_EQ("things 1", value("SELECT definition FROM daybook.checkpoints"));
  expect_exact();
}

TEST_F(LiveSinkTest, ADefinitionThatCannotBeReadAnyMoreWaitsForItsSuccessor) {
  open(*live()).value();
  sql("UPDATE daybook.checkpoints SET definition = 'of an older version'");
  Running& running = follow(live());
  until_told(running, "cannot be read");
  until([&] { return running.state().failures > 2; });
  EXPECT_EQ(1, builds_asked_);
}

TEST_F(LiveSinkTest, TablesThatSomebodyDroppedAreBuiltAnew) {
  Running& running = follow(live());
  add(5);
  until_posted(running);
  for (const std::string generation : {"1", "2"}) {
    sql("DROP TABLE things_g" + generation + " CASCADE");
    add(5);
    until_told(running, "generation " + generation + ", cannot be used and are rebuilt");
    until([&] { return running.state().failures > 3; });
    EXPECT_EQ(std::stoi(generation), builds_asked_);
    Running& building = follow(build());
    until([&] { return building.is_over; });
    until_posted(running);
    expect_exact();
  }
  EXPECT_EQ("3", value("SELECT generation FROM daybook.checkpoints"));
}

TEST_F(LiveSinkTest, AColumnThatSomebodyDroppedIsBuiltAnew) {
  Running& running = follow(live());
  until_posted(running);
  sql("ALTER TABLE things_g1 DROP COLUMN payload CASCADE");
  add(1);
  until_told(running, "are rebuilt: ");
  EXPECT_EQ(1, builds_asked_);
}

TEST_F(LiveSinkTest, ASchemaThatSomebodyDroppedBeginsAnew) {
  Running& running = follow(live());
  add(5);
  until_posted(running);
  sql("DROP SCHEMA daybook CASCADE; DROP TABLE things_g1, heads_g1 CASCADE");
  add(5);
  until_posted(running);
  expect_exact();
  EXPECT_EQ(0, builds_asked_);
}

TEST_F(LiveSinkTest, TablesThatNobodyCouldDropAreDroppedLater) {
  Running& first = follow(live());
  add(3);
  until_posted(first);
  stop(first);
  sql("ALTER TABLE things_g1 RENAME TO things_g12; ALTER TABLE heads_g1 RENAME TO heads_g12;"
      "UPDATE daybook.checkpoints SET generation = 12;"
      "CREATE TABLE things_g11 (); CREATE TABLE things_g9 (); CREATE TABLE things_g7 ();"
      "INSERT INTO daybook.checkpoints SELECT 'things#build', log_offset, updated_at, 9, epoch, "
      "log_id, definition FROM daybook.checkpoints");
  add(2);
  Running& second = follow(live());
  until_posted(second);
  expect_exact();
  EXPECT_EQ("things_g12,things_g9",
            value("SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class "
                  "WHERE relname ~ '^things_g[0-9]+$'"));
}

TEST_F(LiveSinkTest, WhatItsFilterLeavesOutMovesTheCheckpointNowAndThen) {
  std::unique_ptr<Sink> sink = live();
  open(*sink).value();
  sql("CREATE SEQUENCE moves; CREATE FUNCTION count_move() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM nextval('moves'); RETURN NEW; END $$; CREATE TRIGGER count_move "
      "AFTER UPDATE ON daybook.checkpoints FOR EACH ROW EXECUTE FUNCTION count_move()");
  const auto begun = std::chrono::steady_clock::now();
  Page page;
  for (std::uint64_t upto = 1; upto <= 500; ++upto) {
    page.examined = Offset{upto};
    run(sink->write(page)).value();
  }
  const auto lasted = std::chrono::steady_clock::now() - begun;
  const auto moves =
      std::stoll(value("SELECT CASE WHEN is_called THEN last_value ELSE 0 END "
                       "FROM moves"));
  EXPECT_LE(moves, lasted / std::chrono::seconds(1));
  until([&] { return !run(sink->caught_up()).value().again; });
  EXPECT_EQ("500", value("SELECT log_offset FROM daybook.checkpoints"));
  sink->close();
}

TEST_F(LiveSinkTest, AServerThatIsSetToReadOnlySaysSo) {
  sql("ALTER DATABASE " + database_ + " SET default_transaction_read_only = on");
  EXPECT_THAT(open(*live()).error().detail, HasSubstr("read-only"));
}

}  // namespace
}  // namespace daybook::postgres
