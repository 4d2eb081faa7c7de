#include "replication/postgres/operator.h"

#include "replication/postgres/kept_projections.h"
#include "tests/replication/postgres/projection_test.h"

namespace daybook::postgres {
namespace {

using ::testing::HasSubstr;

class OperatorTest : public ProjectionTest {
 protected:
  // Ten events, of which every third fails a constraint.
  void fail_some() {
    Running& running = follow(live());
    until_posted(running);
    sql("ALTER TABLE things_g1 ADD CONSTRAINT good CHECK (payload->>'bad' IS NULL)");
    for (int i = 1; i <= 10; ++i) add(i % 3 == 0 ? R"({"bad": 1})" : R"({"n": 1})");
    until_posted(running);
    ASSERT_EQ((std::vector<std::uint64_t>{3, 6, 9}), failed());
  }
  ProjectionFailures list(Offset after, std::uint32_t limit) {
    return run(list_failures(context_.get_executor(), settings(), after, limit)).value();
  }
  Result<ProjectionRetried> retry(std::vector<Offset> offsets, testing::MemoryLog& log) {
    testing::MemoryFeed feed(context_.get_executor(), log);
    return run(retry_failures(context_.get_executor(), settings(), feed, std::move(offsets)));
  }
  ProjectionRetried retry(std::vector<Offset> offsets = {}) {
    const ProjectionRetried retried = retry(std::move(offsets), log_).value();
    counts_->failures -= retried.posted;
    return retried;
  }
  bool building() {
    const auto kept = run(list_kept_projections(context_.get_executor(), target_, log_id_));
    return kept && kept->size() == 1 && kept->front().name == name_ && kept->front().is_building;
  }
};

TEST_F(OperatorTest, FailuresAreListedInPages) {
  fail_some();
  const ProjectionFailures first = list(Offset{}, 2);
  ASSERT_EQ(2u, first.failures.size());
  EXPECT_EQ(Offset{6}, first.next);
  EXPECT_EQ("e3", first.failures[0].id);
  EXPECT_THAT(first.failures[0].reason, HasSubstr("violates check constraint \"good\""));
  EXPECT_THAT(first.failures[0].original, HasSubstr(R"("payload":{"bad": 1})"));
  const auto age = now().micros - first.failures[0].failed_at.micros;
  EXPECT_LE(0, age);
  EXPECT_GT(600'000'000, age);
  const ProjectionFailures second = list(*first.next, 2);
  ASSERT_EQ(1u, second.failures.size());
  EXPECT_EQ(Offset{9}, second.failures[0].offset);
  EXPECT_FALSE(second.next);
  EXPECT_TRUE(list(kEndOfLog, 2).failures.empty());
}

TEST_F(OperatorTest, WhatIsDroppedIsNotMadeAgainByADaemonThatStoodBy) {
  const std::unique_ptr<Sink> first = live();
  open(*first).value();
  const std::unique_ptr<Sink> second = live();
  EXPECT_EQ(Errc::standby, run(second->open()).error().code);
  first->close();
  ASSERT_TRUE(run(drop_projection(context_.get_executor(), settings())));
  Result<Offset> opened = Error{Errc::standby, "not yet"};
  until([&] {
    opened = run(second->open());
    return opened || opened.error().code != Errc::standby;
  });
  EXPECT_EQ(Errc::not_found, opened.error().code);
  EXPECT_EQ("0", value("SELECT count(*) FROM daybook.checkpoints"));
}

TEST_F(OperatorTest, WhatWasMendedIsPostedBesideTheLiveSink) {
  fail_some();
  sql("ALTER TABLE things_g1 DROP CONSTRAINT good");
  const ProjectionRetried retried = retry();
  EXPECT_EQ(3u, retried.posted);
  EXPECT_EQ(0u, retried.failed);
  add(3);
  until_posted(running_.front());
  EXPECT_TRUE(failed().empty());
  EXPECT_EQ(0u, running_.front().state().failures);
  expect_exact();
}

TEST_F(OperatorTest, WhatFailsAgainStaysWithItsNewReason) {
  fail_some();
  sql("ALTER TABLE things_g1 DROP CONSTRAINT good; ALTER TABLE things_g1 "
      "ADD CONSTRAINT better CHECK (log_offset <> 6)");
  const ProjectionRetried retried = retry();
  EXPECT_EQ(2u, retried.posted);
  EXPECT_EQ(1u, retried.failed);
  const ProjectionFailures left = list(Offset{}, 10);
  ASSERT_EQ(1u, left.failures.size());
  EXPECT_EQ(Offset{6}, left.failures[0].offset);
  EXPECT_THAT(left.failures[0].reason, HasSubstr("\"better\""));
  expect_exact();
}

TEST_F(OperatorTest, OnlyTheOffsetsAskedForAreRetriedAndOnlyThoseThatFailed) {
  fail_some();
  sql("ALTER TABLE things_g1 DROP CONSTRAINT good");
  const ProjectionRetried retried = retry({Offset{9}, Offset{4}});
  EXPECT_EQ(1u, retried.posted);
  EXPECT_EQ(0u, retried.failed);
  EXPECT_EQ((std::vector<std::uint64_t>{3, 6}), failed());
  expect_exact();
}

TEST_F(OperatorTest, WhatTheLogDoesNotHoldAnyMoreStaysAFailure) {
  fail_some();
  testing::MemoryLog trimmed;
  const ProjectionRetried retried = retry({Offset{3}}, trimmed).value();
  EXPECT_EQ(0u, retried.posted);
  EXPECT_EQ(1u, retried.failed);
  EXPECT_EQ("the log does not hold the event any more", list(Offset{}, 1).failures[0].reason);
}

TEST_F(OperatorTest, WhatOurOwnRulesRefuseFailsAgain) {
  Running& running = follow(live());
  add(R"({"text": "\u0000"})");
  until_posted(running);
  EXPECT_EQ(1u, retry().failed);
  EXPECT_EQ("it holds \\u0000", list(Offset{}, 1).failures[0].reason);
}

// The tables change hands while the event is written.
TEST_F(OperatorTest, ARetryIntoAGenerationThatIsReplacedIsUndone) {
  fail_some();
  stop(running_.front());
  sql("ALTER TABLE things_g1 DROP CONSTRAINT good");
  hooks_->at = [&](const std::string& step) {
    if (step == "after the copy") sql("UPDATE daybook.checkpoints SET generation = 2");
  };
  const Result<ProjectionRetried> retried = retry({Offset{3}}, log_);
  hooks_->at = nullptr;
  EXPECT_EQ(Errc::fenced, retried.error().code);
  EXPECT_EQ("3", value("SELECT count(*) FROM daybook.failures"));
  EXPECT_EQ("0", value("SELECT count(*) FROM things WHERE log_offset = 3"));
}

TEST_F(OperatorTest, WhereNothingWasEverPostedThereIsNothing) {
  EXPECT_FALSE(building());
  EXPECT_TRUE(list(Offset{}, 10).failures.empty());
  EXPECT_EQ(0u, retry().posted);
  EXPECT_TRUE(run(drop_projection(context_.get_executor(), settings())));
}

TEST_F(OperatorTest, ABuildThatAnEarlierProcessBeganIsFound) {
  add(5);
  until_posted(follow(live()));
  EXPECT_FALSE(building());
  std::unique_ptr<Sink> sink = build();
  open(*sink).value();
  sink->close();
  EXPECT_TRUE(building());
}

TEST_F(OperatorTest, ADroppedProjectionIsGoneWithItsBuild) {
  fail_some();
  stop(running_.front());
  std::unique_ptr<Sink> sink = build();
  open(*sink).value();
  sink->close();
  EXPECT_TRUE(run(drop_projection(context_.get_executor(), settings())));
  EXPECT_EQ("0", value("SELECT count(*) FROM daybook.checkpoints"));
  EXPECT_EQ("0", value("SELECT count(*) FROM daybook.failures"));
  EXPECT_EQ("0", value("SELECT count(*) FROM pg_class WHERE relname ~ '^(things|heads)'"));
}

TEST_F(OperatorTest, AnotherLogsProjectionIsNotDropped) {
  fail_some();
  log_id_ = "another";
  const auto executor = context_.get_executor();
  EXPECT_EQ(Errc::bad_value, run(drop_projection(executor, settings())).error().code);
  EXPECT_EQ(Errc::bad_value, retry({}, log_).error().code);
  EXPECT_EQ("1", value("SELECT count(*) FROM daybook.checkpoints"));
}

}  // namespace
}  // namespace daybook::postgres
