#include "replication/postgres/schema.h"

#include <gtest/gtest.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "tests/replication/postgres/postgres_server.h"
#include "tests/replication/run.h"

namespace daybook::postgres {
namespace {

using boost::asio::awaitable;
using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

awaitable<SqlResult<void>> connect_and_migrate(std::string url) {
  const auto executor = co_await boost::asio::this_coro::executor;
  Connection connection(executor, std::move(url));
  const auto opened = co_await connection.open(10s);
  if (!opened) co_return opened.error();
  co_return co_await migrate(connection);
}

awaitable<void> migrate_twice_at_once(std::string url, std::vector<SqlResult<void>>& results) {
  auto [first, second] = co_await (connect_and_migrate(url) && connect_and_migrate(url));
  results = {first, second};
}

class SchemaTest : public testing::Test {
 protected:
  SqlResult<void> migrate_database() { return migrate_at(server_.url(database_)); }
  SqlResult<void> migrate_at(const std::string& url) {
    return test::run(io_, connect_and_migrate(url));
  }
  std::string value(const std::string& sql) { return server_.value(database_, sql); }
  void sql(const std::string& text) { server_.run_sql(database_, text); }

  boost::asio::io_context io_;
  PostgresServer& server_ = PostgresServer::shared();
  std::string database_ = server_.create_database();
};

TEST_F(SchemaTest, IsMadeOnceAndThenLeftAlone) {
  for (int i = 0; i < 2; ++i) {
    const auto done = migrate_database();
    ASSERT_TRUE(done) << done.error().text;
  }
  EXPECT_EQ("1", value("SELECT string_agg(version::text, ',') FROM daybook.schema_version"));
  EXPECT_EQ("0", value("SELECT count(*) FROM daybook.checkpoints"));
  EXPECT_EQ("0", value("SELECT count(*) FROM daybook.failures"));
}

TEST_F(SchemaTest, TwoMayMakeItAtOnce) {
  std::vector<SqlResult<void>> results;
  test::run(io_, migrate_twice_at_once(server_.url(database_), results));
  for (const auto& result : results) EXPECT_TRUE(result) << result.error().text;
  EXPECT_EQ("1", value("SELECT count(*) FROM daybook.schema_version"));
}

TEST_F(SchemaTest, ANewerVersionIsRefused) {
  ASSERT_TRUE(migrate_database());
  sql("INSERT INTO daybook.schema_version (version) VALUES (99)");
  const auto refused = migrate_database();
  ASSERT_FALSE(refused);
  EXPECT_EQ("55000", refused.error().state);
  EXPECT_NE(std::string::npos, refused.error().text.find("has version 99, made by a newer Daybook"))
      << refused.error().text;
}

TEST_F(SchemaTest, AReadOnlyDatabaseIsRefusedAlsoWhereNothingIsMissing) {
  for (int i = 0; i < 2; ++i) {
    sql("ALTER DATABASE " + database_ + " SET default_transaction_read_only = on");
    const auto refused = migrate_database();
    ASSERT_FALSE(refused);
    EXPECT_EQ("25006", refused.error().state) << refused.error().text;
    server_.run_sql("postgres", "ALTER DATABASE " + database_ + " RESET ALL");
    ASSERT_TRUE(migrate_database());
  }
}

TEST_F(SchemaTest, AnotherEncodingIsRefused) {
  const std::string latin = database_ + "_latin";
  server_.run_sql("postgres",
                  "CREATE DATABASE " + latin + " TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
  const auto refused = migrate_at(server_.url(latin));
  ASSERT_FALSE(refused);
  EXPECT_NE(std::string::npos, refused.error().text.find("LATIN1")) << refused.error().text;
  EXPECT_EQ("t", server_.value(latin, "SELECT to_regnamespace('daybook') IS NULL"));
}

TEST_F(SchemaTest, AUserWhoMayNotCreateItIsGivenIt) {
  const std::string user = database_ + "_poster";
  sql("CREATE ROLE " + user + " LOGIN");
  std::string url = server_.url(database_);
  url.replace(url.find("postgres@"), 8, user);
  const auto refused = migrate_at(url);
  ASSERT_FALSE(refused);
  EXPECT_EQ("42501", refused.error().state) << refused.error().text;

  sql("CREATE SCHEMA daybook AUTHORIZATION " + user);
  const auto done = migrate_at(url);
  EXPECT_TRUE(done) << done.error().text;
}

TEST_F(SchemaTest, WaitForTellsWhetherTheCheckpointCameInTime) {
  ASSERT_TRUE(migrate_database());
  sql("INSERT INTO daybook.checkpoints VALUES ('postgres', 7, now(), 1, 1, '', ''),"
      " ('agents', 3, now(), 1, 1, '', '')");
  EXPECT_EQ("t", value("SELECT daybook.wait_for(7, '0')"));
  EXPECT_EQ("f", value("SELECT daybook.wait_for(8, '0')"));
  EXPECT_EQ("f", value("SELECT daybook.wait_for(4, '10 ms', 'agents')"));
  EXPECT_EQ("t", value("SELECT clock_timestamp() - now() >= '60 ms' FROM "
                       "(SELECT daybook.wait_for(8, '60 ms') OFFSET 0) AS waited"));
  EXPECT_EQ("NULL", value("SELECT daybook.wait_for(8, NULL)"));
}

awaitable<bool> wait_and_post(std::string url) {
  const auto executor = co_await boost::asio::this_coro::executor;
  Connection waiting(executor, url);
  Connection posting(executor, url);
  EXPECT_TRUE(co_await waiting.open(10s));
  EXPECT_TRUE(co_await posting.open(10s));
  std::string wait = "SELECT daybook.wait_for(8, '1 min')";
  std::string post = "UPDATE daybook.checkpoints SET log_offset = 8";
  std::vector<Parameter> none;
  std::vector<Parameter> no_more;
  auto [waited, posted] = co_await (waiting.execute(std::move(wait), std::move(none)) &&
                                    posting.execute(std::move(post), std::move(no_more)));
  EXPECT_TRUE(posted);
  co_return waited && waited->at(0, 0) == "t";
}

TEST_F(SchemaTest, WaitForSeesWhatIsPostedWhileItWaits) {
  ASSERT_TRUE(migrate_database());
  sql("INSERT INTO daybook.checkpoints VALUES ('postgres', 7, now(), 1, 1, '', '')");
  EXPECT_TRUE(test::run(io_, wait_and_post(server_.url(database_))));
}

TEST_F(SchemaTest, CastsGiveNullAndNeverFail) {
  ASSERT_TRUE(migrate_database());
  const auto cast = [&](const std::string& function, const std::string& text) {
    return value("SELECT daybook." + function + "($$" + text + "$$)");
  };
  EXPECT_EQ("550e8400-e29b-41d4-a716-446655440000",
            cast("uuid_or_null", "550E8400-e29b-41d4-a716-446655440000"));
  for (const char* text :
       {"", "order-7", "550e8400e29b41d4a716446655440000", "550e8400-e29b-41d4-a716-44665544000g",
        "550e8400-e29b-41d4-a716-4466554400001"})
    EXPECT_EQ("NULL", cast("uuid_or_null", text)) << text;
  EXPECT_EQ("2147483647", cast("int_or_null", "2147483647"));
  EXPECT_EQ("-2147483648", cast("int_or_null", "-2147483648"));
  for (const char* text : {"", "2147483648", "99999999999999999999", "1.0", "x", " 1"})
    EXPECT_EQ("NULL", cast("int_or_null", text)) << text;
}

}  // namespace
}  // namespace daybook::postgres
