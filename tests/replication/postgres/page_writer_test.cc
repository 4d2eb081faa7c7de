#include "replication/postgres/page_writer.h"

#include <array>
#include <random>

#include "tests/replication/postgres/projection_test.h"

namespace daybook::postgres {
namespace {

using ::testing::HasSubstr;

// Each time that the checkpoint moves it is noted whether everything up to there, and nothing
// above, is in the transaction that moves it.
constexpr const char* kAudit = R"sql(
CREATE TABLE audit (log_offset bigint, held bigint, above bigint);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.log_offset > OLD.log_offset THEN
    INSERT INTO audit SELECT NEW.log_offset,
      (SELECT count(*) FROM things_g1 WHERE log_offset <= NEW.log_offset) +
      (SELECT count(*) FROM daybook.failures WHERE log_offset <= NEW.log_offset),
      (SELECT count(*) FROM things_g1 WHERE log_offset > NEW.log_offset);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER note AFTER UPDATE ON daybook.checkpoints FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE things_g1 ADD CHECK (payload->>'bad' IS NULL))sql";

class PageWriterTest : public ProjectionTest {
 protected:
  // An empty projection, and the tables' constraint.
  void prepare() {
    std::unique_ptr<Sink> sink = live();
    open(*sink).value();
    sink->close();
    sql(kAudit);
  }
  std::string reason(std::uint64_t offset) const {
    return value("SELECT reason FROM daybook.failures WHERE log_offset = " +
                 std::to_string(offset));
  }
};

TEST_F(PageWriterTest, BadRowsAnywhereGoToTheFailuresAndAllOthersAreThere) {
  prepare();
  std::mt19937 random(20261121);
  page_events_ = 64;
  std::vector<std::uint64_t> bad;
  for (int page = 0; page < 20; ++page) {
    const unsigned percent = std::array{0U, 1U, 5U, 50U, 100U}[random() % 5];
    for (unsigned i = random() % 64 + 1; i > 0; --i) {
      const bool is_bad = random() % 100 < percent;
      const bool by_rule = random() % 2 == 0;
      const Offset at = !is_bad   ? add(R"({"n": 1})")
                        : by_rule ? add(R"({"text": "\u0000"})")
                                  : add(R"({"bad": true})");
      if (is_bad) bad.push_back(at.value);
    }
  }
  Running& running = follow(live());
  until_posted(running);
  EXPECT_EQ(bad, failed());
  expect_exact();
  EXPECT_EQ("0", value("SELECT count(*) FROM audit WHERE held <> log_offset OR above > 0"));
  EXPECT_EQ(0u, running.state().failures);
}

TEST_F(PageWriterTest, AFailureHasItsReasonAndTheOriginal) {
  prepare();
  add(R"({"text": "\u0000"})");
  add(R"({"bad": 1})");
  Running& running = follow(live());
  until_posted(running);
  EXPECT_EQ("it holds \\u0000", reason(1));
  EXPECT_THAT(reason(2), HasSubstr("violates check constraint"));
  const std::string original = value("SELECT original FROM daybook.failures WHERE log_offset = 1");
  EXPECT_THAT(original, HasSubstr(R"("payload":{"text": "\u0000"})"));
  EXPECT_THAT(original, HasSubstr(R"("offset":1)"));
  EXPECT_EQ("e1", value("SELECT id FROM daybook.failures WHERE log_offset = 1"));
}

// Where not even that can be kept that does not depend on the payload.
TEST_F(PageWriterTest, AnEventThatNothingCanBeKeptOfIsRecordedAlone) {
  prepare();
  sql("ALTER TABLE heads_g1 ADD CHECK (aggregate_id <> '1')");
  add(6);
  Running& running = follow(live());
  until_posted(running);
  EXPECT_EQ((std::vector<std::uint64_t>{2, 5}), failed());
  EXPECT_EQ((std::vector<std::uint64_t>{1, 3, 4, 6}), posted());
  EXPECT_EQ("2", value("SELECT count(*) FROM heads"));
}

TEST_F(PageWriterTest, AConstraintThatIsLookedAtInCommitIsBlamedOnItsRow) {
  prepare();
  sql("CREATE TABLE known (n int PRIMARY KEY); INSERT INTO known SELECT generate_series(0, 6);"
      "ALTER TABLE things_g1 ADD n int GENERATED ALWAYS AS ((payload->>'n')::int) STORED;"
      "ALTER TABLE things_g1 ADD FOREIGN KEY (n) REFERENCES known DEFERRABLE INITIALLY DEFERRED");
  add(9);
  Running& running = follow(live());
  until_posted(running);
  EXPECT_EQ((std::vector<std::uint64_t>{8, 9}), failed());
  expect_exact();
}

// A disk that is full is nobody's row's fault.
TEST_F(PageWriterTest, WhatIsNotTheRowsFaultIsTriedAgain) {
  prepare();
  sql("CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
      "'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;"
      "CREATE TRIGGER fill BEFORE INSERT ON things_g1 EXECUTE FUNCTION full()");
  add(25);
  Running& running = follow(live());
  until_told(running, "failing: ");
  until([&] { return running.state().failures > 3; });
  EXPECT_THAT(running.told.back(), HasSubstr("No space left on device"));
  EXPECT_EQ(1u, running.told.size());
  EXPECT_TRUE(failed().empty());
  sql("DROP TRIGGER fill ON things_g1");
  until_posted(running);
  EXPECT_EQ("following", running.told.back());
  expect_exact();
}

}  // namespace
}  // namespace daybook::postgres
