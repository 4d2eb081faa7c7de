// COPY and pipelines: what is sent in bulk, while the server answers, is slow, refuses, dies.

#include <gmock/gmock.h>

#include "tests/replication/postgres/client.h"

namespace daybook::postgres {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// Rows "1\txxx…", "2\txxx…" as COPY's text.
std::string rows_of(std::size_t count, std::size_t bytes_each) {
  std::string rows;
  for (std::size_t i = 1; i <= count; ++i)
    rows += std::to_string(i) + '\t' + std::string(bytes_each, 'x') + '\n';
  return rows;
}

class BulkTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ("ok", text_of(client_.open()));
    ASSERT_TRUE(client_.run("CREATE TABLE t (n int PRIMARY KEY, text text)"));
  }
  std::string count() { return server_.value(database_, "SELECT count(*) FROM t"); }
  // Calls `body`, in plpgsql, before each row.
  void on_insert(const std::string& body) {
    ASSERT_EQ("ok", text_of(client_.run("CREATE FUNCTION on_insert() RETURNS trigger LANGUAGE "
                                        "plpgsql AS $$BEGIN " +
                                        body +
                                        " RETURN NEW; END$$; CREATE TRIGGER on_insert BEFORE "
                                        "INSERT ON t FOR EACH ROW EXECUTE FUNCTION on_insert()")));
  }
  // `count` executions of a statement that takes a number.
  static std::vector<Execution> executions(std::string_view statement, std::size_t count) {
    std::vector<Execution> all;
    for (std::size_t i = 1; i <= count; ++i) all.push_back({statement, {std::to_string(i)}});
    return all;
  }

  PostgresServer server_;
  const std::string database_ = server_.create_database();
  Client client_{server_.url(database_)};
};

TEST_F(BulkTest, PutsRowsInPartsOfAnySize) {
  ASSERT_TRUE(client_.begin_copy("COPY t FROM STDIN"));
  const std::string rows = rows_of(1000, 10);
  for (std::size_t at = 0; at < rows.size(); at += 7)
    ASSERT_TRUE(client_.put_copy(std::string_view(rows).substr(at, 7)));
  ASSERT_TRUE(client_.put_copy(""));
  ASSERT_TRUE(client_.end_copy());
  EXPECT_EQ("1000", count());
}

TEST_F(BulkTest, IsAPartOfItsTransaction) {
  ASSERT_TRUE(client_.run("BEGIN"));
  ASSERT_TRUE(client_.begin_copy("COPY t FROM STDIN"));
  ASSERT_TRUE(client_.put_copy(rows_of(10, 10)));
  ASSERT_TRUE(client_.end_copy());
  EXPECT_EQ("10", client_.value("SELECT count(*) FROM t"));
  ASSERT_TRUE(client_.run("ROLLBACK"));
  EXPECT_EQ("0", count());
}

TEST_F(BulkTest, WaitsForAServerThatIsSlower) {
  const std::string rows = rows_of(100'000, 500);
  ASSERT_TRUE(client_.begin_copy("COPY t FROM STDIN"));
  server_.freeze();
  Pending put(client_, client_.connection.put_copy(rows));
  EXPECT_FALSE(put.run_for(200ms));
  server_.thaw();
  ASSERT_TRUE(put.finish());
  ASSERT_TRUE(client_.end_copy());
  EXPECT_EQ("100000", count());
}

// The server blocks in writing what nobody reads, and reads no rows meanwhile.
TEST_F(BulkTest, ReadsWhileItSends) {
  on_insert("RAISE NOTICE '%', repeat('n', 2000);");
  ASSERT_TRUE(client_.begin_copy("COPY t FROM STDIN"));
  const std::string rows = rows_of(20'000, 1000);
  ASSERT_TRUE(client_.put_copy(rows));
  ASSERT_TRUE(client_.end_copy());
  EXPECT_EQ("20000", count());
}

TEST_F(BulkTest, SaysWhichRowWasRefused) {
  ASSERT_TRUE(client_.run("BEGIN"));
  ASSERT_TRUE(client_.begin_copy("COPY t FROM STDIN"));
  ASSERT_TRUE(client_.put_copy("1\tone\n"));
  ASSERT_TRUE(client_.put_copy("two\ttwo\n"));
  ASSERT_TRUE(client_.put_copy(rows_of(100'000, 100)));  // The server has given up long ago.
  const auto refused = client_.end_copy();
  EXPECT_EQ("22P02", state_of(refused));
  EXPECT_THAT(text_of(refused), HasSubstr("COPY t, line 2, column n: \"two\""));
  EXPECT_EQ("25P02", state_of(client_.run("SELECT 1")));
  ASSERT_TRUE(client_.run("ROLLBACK"));
  EXPECT_EQ("0", count());
}

TEST_F(BulkTest, FailsAtOnceWhereItMayNotBegin) {
  EXPECT_EQ("42P01", state_of(client_.begin_copy("COPY nothing FROM STDIN")));
  EXPECT_EQ("1", client_.value("SELECT 1"));
}

TEST_F(BulkTest, EndsWithTheServer) {
  ASSERT_TRUE(client_.begin_copy("COPY t FROM STDIN"));
  ASSERT_TRUE(client_.put_copy(rows_of(1000, 10)));
  server_.kill();
  const std::string rows = rows_of(100'000, 100);
  const bool put = client_.put_copy(rows).has_value();
  EXPECT_TRUE(!put || !client_.end_copy());
  EXPECT_FALSE(client_.connection.is_open());
  server_.start();
  EXPECT_EQ("0", count());
  ASSERT_TRUE(client_.open());
  EXPECT_EQ("1", client_.value("SELECT 1"));
}

TEST_F(BulkTest, EndsWithItsBackend) {
  ASSERT_TRUE(client_.begin_copy("COPY t FROM STDIN"));
  ASSERT_TRUE(client_.put_copy(rows_of(1000, 10)));
  server_.run_sql("postgres",
                  "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
                  "WHERE application_name = 'daybook'");
  const bool put = client_.put_copy("1001\tx\n").has_value();
  EXPECT_TRUE(!put || !client_.end_copy());
  EXPECT_FALSE(client_.connection.is_open());
  EXPECT_EQ("0", count());
}

TEST_F(BulkTest, CanBeClosedWhileTheServerIsFrozen) {
  const std::string rows = rows_of(100'000, 500);
  ASSERT_TRUE(client_.begin_copy("COPY t FROM STDIN"));
  server_.freeze();
  Pending put(client_, client_.connection.put_copy(rows));
  EXPECT_FALSE(put.run_for(50ms));
  client_.connection.close();
  EXPECT_EQ("", state_of(put.finish()));
}

TEST_F(BulkTest, PipelinesExecutionsInTheirOrder) {
  ASSERT_TRUE(client_.run("INSERT INTO t VALUES (0, ''); BEGIN"));
  // Each digit counts what came before: any other order makes another number.
  ASSERT_TRUE(client_.prepare("step", "UPDATE t SET text = md5(text || $1) WHERE n = 0"));
  ASSERT_TRUE(client_.execute_all(executions("step", 10'000)));
  ASSERT_TRUE(client_.run("COMMIT"));
  EXPECT_EQ("t", server_.value(database_,
                               "WITH RECURSIVE s(i, x) AS (SELECT 0, '' UNION ALL SELECT i + 1, "
                               "md5(x || (i + 1)) FROM s WHERE i < 10000) "
                               "SELECT x = (SELECT text FROM t) FROM s WHERE i = 10000"));
}

TEST_F(BulkTest, PipelinesNothing) {
  EXPECT_EQ("ok", text_of(client_.execute_all({})));
  EXPECT_EQ("1", client_.value("SELECT 1"));
}

// Both directions carry far more than both ends can hold for each other.
TEST_F(BulkTest, PipelinesLargeExecutionsWithLargeAnswers) {
  ASSERT_TRUE(client_.prepare("echo", "SELECT $1::text || $1::text"));
  std::vector<Execution> all;
  for (int i = 0; i < 2000; ++i) all.push_back({"echo", {std::string(10'000, 'e')}});
  EXPECT_EQ("ok", text_of(client_.execute_all(all)));
}

TEST_F(BulkTest, FailsWithTheFirstOfAPipelineThatFails) {
  ASSERT_TRUE(client_.prepare("insert", "INSERT INTO t VALUES (1000 / ($1 - 5000), '')"));
  ASSERT_TRUE(client_.prepare("add", "INSERT INTO t VALUES ($1, '')"));
  auto all = executions("add", 10'000);
  all[4999].statement = "insert";
  all[6000].parameters = {"no number"};
  ASSERT_TRUE(client_.run("BEGIN"));
  EXPECT_EQ("22012", state_of(client_.execute_all(all)));
  EXPECT_TRUE(client_.connection.is_open());
  ASSERT_TRUE(client_.run("ROLLBACK"));
  EXPECT_EQ("0", count());

  all.resize(4999);
  ASSERT_TRUE(client_.run("BEGIN"));
  EXPECT_EQ("ok", text_of(client_.execute_all(all)));
  ASSERT_TRUE(client_.run("COMMIT"));
  EXPECT_EQ("4999", count());
}

TEST_F(BulkTest, APipelineSendsNothingOfWhatItRefuses) {
  ASSERT_TRUE(client_.prepare("add", "INSERT INTO t VALUES ($1, '')"));
  auto all = executions("add", 10);
  all[9].parameters = {std::string("1\0", 2)};
  EXPECT_EQ("22021", state_of(client_.execute_all(all)));
  EXPECT_EQ("0", count());
}

TEST_F(BulkTest, APipelineEndsWithTheServer) {
  ASSERT_TRUE(client_.prepare("wait", "SELECT pg_sleep($1)"));
  const auto all = executions("wait", 10'000);
  Pending waits(client_, client_.connection.execute_all(all));
  run_until_waiting(waits, server_, "PgSleep");
  server_.kill();
  EXPECT_EQ("", state_of(waits.finish()));
  EXPECT_FALSE(client_.connection.is_open());
}

}  // namespace
}  // namespace daybook::postgres
