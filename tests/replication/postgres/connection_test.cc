#include "replication/postgres/connection.h"

#include <gmock/gmock.h>

#include "tests/replication/postgres/client.h"

namespace daybook::postgres {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

// A client of a new database.
class ConnectionTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ("ok", text_of(client_.open())); }

  PostgresServer server_;
  const std::string database_ = server_.create_database();
  Client client_{server_.url(database_)};
};

TEST_F(ConnectionTest, GivesRowsOfText) {
  const auto rows =
      client_.execute("SELECT 1 AS a, 'zwölf', NULL, '' UNION ALL SELECT 2, '', '', ''");
  ASSERT_TRUE(rows) << text_of(rows);
  ASSERT_EQ(2u, rows->size());
  EXPECT_EQ("1", rows->at(0, 0));
  EXPECT_EQ("zwölf", rows->at(0, 1));
  EXPECT_EQ(std::nullopt, rows->at(0, 2));
  EXPECT_EQ("", rows->at(0, 3));
  EXPECT_EQ("2", rows->at(1, 0));
}

TEST_F(ConnectionTest, SendsParametersAndNull) {
  const std::string difficult = "it's \"quoted\" \\ $1 ☃\n";
  EXPECT_EQ(difficult, client_.value("SELECT $1::text", {difficult}));
  EXPECT_EQ("NULL", client_.value("SELECT $1::text", {std::nullopt}));
  EXPECT_EQ("", client_.value("SELECT $1::text", {""}));
  EXPECT_EQ("42", client_.value("SELECT $1 + $2::bigint", {"40", "2"}));
}

TEST_F(ConnectionTest, SendsAParameterThatIsLargerThanEveryBuffer) {
  const std::string large(32 << 20, 'x');
  EXPECT_EQ(std::to_string(large.size()), client_.value("SELECT length($1)", {large}));
}

TEST_F(ConnectionTest, RefusesAZeroByteRatherThanCutTheTextThere) {
  const auto refused = client_.execute("SELECT $1::text", {std::string("a\0b", 3)});
  EXPECT_EQ("22021", state_of(refused));
  EXPECT_TRUE(refused.error().blames_rows());
  EXPECT_TRUE(client_.connection.is_open());
}

TEST_F(ConnectionTest, SaysHowManyRowsWereTouched) {
  ASSERT_TRUE(client_.run("CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2), (3)"));
  const auto updated = client_.execute("UPDATE t SET n = n + 1 WHERE n > $1", {"1"});
  ASSERT_TRUE(updated) << text_of(updated);
  EXPECT_EQ(2u, updated->affected());
  EXPECT_EQ(0u, updated->size());
}

TEST_F(ConnectionTest, RunsManyStatementsOrNone) {
  ASSERT_TRUE(client_.run("CREATE TABLE t (n int); INSERT INTO t VALUES (1); SELECT n FROM t;"));
  EXPECT_EQ("1", client_.value("SELECT count(*) FROM t"));
  // All of them are one transaction.
  EXPECT_EQ("22012", state_of(client_.run("DELETE FROM t; SELECT 1/0; DROP TABLE t")));
  EXPECT_EQ("1", client_.value("SELECT count(*) FROM t"));
  EXPECT_EQ("ok", text_of(client_.run("")));
}

TEST_F(ConnectionTest, SaysWhatTheServerSays) {
  ASSERT_TRUE(client_.run("CREATE TABLE t (n int PRIMARY KEY); INSERT INTO t VALUES (7)"));
  const auto twice = client_.execute("INSERT INTO t VALUES ($1)", {"7"});
  EXPECT_EQ("23505", state_of(twice));
  EXPECT_EQ(
      "duplicate key value violates unique constraint \"t_pkey\"; "
      "Key (n)=(7) already exists.",
      text_of(twice));
  const auto raised = client_.run(
      "DO $$BEGIN RAISE 'no' USING detail = E'two\nlines', hint = 'ask', errcode = 'P0042'; END$$");
  EXPECT_EQ("P0042", state_of(raised));
  EXPECT_THAT(text_of(raised), HasSubstr("no; two lines; ask; PL/pgSQL function"));
  EXPECT_TRUE(client_.connection.is_open());
}

TEST_F(ConnectionTest, SwallowsNotices) {
  testing::internal::CaptureStderr();
  ASSERT_TRUE(client_.run("DROP TABLE IF EXISTS nothing; DO $$BEGIN RAISE WARNING 'w'; END$$"));
  EXPECT_EQ("", testing::internal::GetCapturedStderr());
}

TEST_F(ConnectionTest, HasASessionThatDoesNotDependOnTheDatabase) {
  server_.run_sql(database_, "ALTER DATABASE " + database_ + " SET timezone = 'Asia/Tokyo'");
  server_.run_sql(database_, "ALTER DATABASE " + database_ + " SET datestyle = 'German'");
  server_.run_sql(database_, "ALTER DATABASE " + database_ + " SET statement_timeout = '10ms'");
  ASSERT_TRUE(client_.open());
  EXPECT_EQ("2026-11-21 10:00:00+00",
            client_.value("SELECT timestamptz '2026-11-21T11:00:00+01:00'"));
  EXPECT_EQ("0", client_.value("SHOW statement_timeout"));
  EXPECT_EQ("daybook", client_.value("SHOW application_name"));
  EXPECT_EQ("UTF8", client_.connection.server_parameter("client_encoding"));
  EXPECT_EQ("UTF8", client_.connection.server_parameter("server_encoding"));
  EXPECT_EQ("off", client_.connection.server_parameter("in_hot_standby"));
  EXPECT_EQ("", client_.connection.server_parameter("no such"));
}

TEST_F(ConnectionTest, CanBeClosedUnderACall) {
  std::vector<Parameter> none;
  Pending slept(client_, client_.connection.execute("SELECT pg_sleep(600)", none));
  run_until_waiting(slept, server_, "PgSleep");
  client_.connection.close();
  EXPECT_FALSE(client_.connection.is_open());
  const auto cut = slept.finish();
  EXPECT_EQ("", state_of(cut));
  EXPECT_THAT(text_of(cut), HasSubstr("closed"));

  client_.connection.close();
  EXPECT_EQ("", state_of(client_.run("SELECT 1")));
  ASSERT_TRUE(client_.open());
  EXPECT_EQ("1", client_.value("SELECT 1"));
}

TEST_F(ConnectionTest, CanGoUnderACall) {
  asio::io_context& io = client_.io;
  auto connection = std::make_unique<Connection>(io.get_executor(), server_.url(database_));
  const auto limit = std::chrono::milliseconds(30s);
  ASSERT_TRUE(test::run(io, connection->open(limit)));
  Pending slept(client_, connection->run("SELECT pg_sleep(600)"));
  run_until_waiting(slept, server_, "PgSleep");
  connection.reset();
  EXPECT_EQ("", state_of(slept.finish()));
}

TEST_F(ConnectionTest, IsLostWithTheServer) {
  Pending slept(client_, client_.connection.run("SELECT pg_sleep(600)"));
  run_until_waiting(slept, server_, "PgSleep");
  server_.kill();
  const auto lost = slept.finish();
  EXPECT_EQ("", state_of(lost));
  EXPECT_THAT(text_of(lost), HasSubstr("server closed the connection unexpectedly"));
  EXPECT_FALSE(client_.connection.is_open());

  server_.start();
  ASSERT_TRUE(client_.open());
  EXPECT_EQ("1", client_.value("SELECT 1"));
}

TEST_F(ConnectionTest, IsLostWithItsBackend) {
  server_.run_sql("postgres",
                  "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
                  "WHERE application_name = 'daybook'");
  const auto lost = client_.run("SELECT 1");
  EXPECT_THAT(text_of(lost), HasSubstr("terminating connection due to administrator command"));
  EXPECT_FALSE(client_.connection.is_open());
  ASSERT_TRUE(client_.open());
}

// What became of the transaction can only be read there, and nothing of the connection pretends to
// know.
TEST_F(ConnectionTest, DoesNotKnowWhatBecameOfACommitThatWasNotAnswered) {
  ASSERT_TRUE(
      client_.run("CREATE TABLE t (n int);"
                  "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
                  "  'BEGIN PERFORM pg_sleep(600); RETURN NULL; END';"
                  "CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED "
                  "  FOR EACH ROW EXECUTE FUNCTION wait()"));
  ASSERT_TRUE(client_.run("BEGIN; INSERT INTO t VALUES (1)"));
  Pending commit(client_, client_.connection.run("COMMIT"));
  run_until_waiting(commit, server_, "PgSleep");
  server_.kill();
  EXPECT_EQ("", state_of(commit.finish()));
  EXPECT_FALSE(client_.connection.is_open());
  server_.start();
  EXPECT_EQ("0", server_.value(database_, "SELECT count(*) FROM t"));
}

}  // namespace
}  // namespace daybook::postgres
