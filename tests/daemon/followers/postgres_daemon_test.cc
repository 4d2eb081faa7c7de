// A daemon that posts to a real PostgreSQL: begun, stopped, steered.
#include <gmock/gmock.h>

#include <chrono>

#include "tests/daemon/followers/daemon_fixture.h"
#include "tests/replication/postgres/postgres_server.h"

namespace daybook::test {
namespace {

using postgres::PostgresServer;
using testing::HasSubstr;
using testing::Not;

class PostgresDaemonTest : public DaemonTest {
 protected:
  PostgresDaemonTest() { config_.postgres.url = server_.url(database_); }
  ~PostgresDaemonTest() override { stop(); }  // Before the server.

  std::string sql(const std::string& text) const { return server_.value(database_, text); }

  PostgresServer server_{settings()};
  const std::string database_ = server_.create_database();

 private:
  static PostgresServer::Settings settings() { return {.password = "first"}; }
};

constexpr const char* kThings = R"({"table":"things","columns":{"id":"text","n":"bigint"},
  "key":{"id":"/aggregate_id"},
  "on":[{"event_type":"thing.*","increment":{"n":"/payload/n"}}]})";
constexpr const char* kThingsTwice = R"({"table":"things","columns":{"id":"text","twice":"bigint"},
  "key":{"id":"/aggregate_id"},
  "on":[{"event_type":"thing.*","increment":{"twice":{"value":2}}}]})";

TEST_F(PostgresDaemonTest, EventsAreRowsAndTheirPlaceIsKeptOverARestart) {
  start();
  append(3);
  expect_reached("postgres", 3);
  EXPECT_EQ("3", sql("SELECT count(*) FROM daybook.events"));
  const std::string metrics = get("/metrics");
  EXPECT_THAT(metrics, HasSubstr("daybook_follower_up{follower=\"postgres\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("daybook_follower_lag_events{follower=\"postgres\"} 0\n"));
  EXPECT_THAT(metrics, HasSubstr("daybook_follower_events_total{follower=\"postgres\"} 3\n"));
  EXPECT_THAT(get("/v1/status"), HasSubstr(R"("name":"postgres")"));
  stop();
  start();
  append(2);
  expect_reached("postgres", 5);
  EXPECT_EQ("5", sql("SELECT count(*) FROM daybook.events"));
}

TEST_F(PostgresDaemonTest, ADaemonServesWhosePostgresIsNotThereYet) {
  server_.stop();
  start();
  append(4);
  expect_shown("postgres", R"("phase":"failing")");
  EXPECT_THAT(get("/metrics"), HasSubstr("daybook_follower_up{follower=\"postgres\"} 0\n"));
  EXPECT_THAT(get("/v1/projections/postgres"), Not(HasSubstr("first"))) << "the password is shown";
  const auto put = send("PUT", "/v1/projections/things", kThings);
  EXPECT_EQ(503u, put.status) << put.body;
  EXPECT_EQ(404u, send("GET", "/v1/projections/things").status);
  server_.start();
  expect_reached("postgres", 4);
  EXPECT_EQ("4", sql("SELECT count(*) FROM daybook.events"));
}

TEST_F(PostgresDaemonTest, ADeclaredReadModelIsFoundAgainChangedAndDropped) {
  start();
  append(3);
  EXPECT_EQ(201u, send("PUT", "/v1/projections/things", kThings).status);
  expect_reached("things", 3);
  EXPECT_EQ("3", sql("SELECT n FROM things WHERE id = '1'"));
  stop();
  start();
  expect_shown("things", R"("phase":"following")");
  append(1);
  expect_reached("things", 4);
  EXPECT_EQ("4", sql("SELECT n FROM things WHERE id = '1'"));
  EXPECT_EQ(200u, send("PUT", "/v1/projections/things", kThings).status);

  const auto changed = send("PUT", "/v1/projections/things", kThingsTwice);
  EXPECT_EQ(200u, changed.status) << changed.body;
  expect_shown("things", R"("generation":2)");
  expect_shown("things", R"("build":null)");
  append(1);
  expect_reached("things", 5);
  EXPECT_EQ("10", sql("SELECT twice FROM things WHERE id = '1'"));

  EXPECT_EQ(204u, send("DELETE", "/v1/projections/things").status);
  EXPECT_EQ("0", sql("SELECT count(*) FROM pg_class WHERE relname LIKE 'things%'"));
  EXPECT_EQ(404u, send("GET", "/v1/projections/things").status);
  EXPECT_EQ(409u, send("DELETE", "/v1/projections/postgres").status);
}

TEST_F(PostgresDaemonTest, ARebuildIsSwappedInAndTheOldTablesGo) {
  start();
  append(3);
  expect_reached("postgres", 3);
  const auto begun = send("POST", "/v1/projections/postgres/rebuild");
  EXPECT_EQ(202u, begun.status) << begun.body;
  expect_shown("postgres", R"("generation":2)");
  append(2);
  expect_reached("postgres", 5);
  EXPECT_EQ("5", sql("SELECT count(*) FROM daybook.events"));
  expect_shown("postgres", R"("build":null)");
}

TEST_F(PostgresDaemonTest, NothingIsPostedWhileItIsPaused) {
  start();
  append(1);
  expect_reached("postgres", 1);
  EXPECT_EQ(200u, send("POST", "/v1/projections/postgres/pause").status);
  expect_shown("postgres", R"("phase":"paused")");
  append(1);
  EXPECT_EQ("1", sql("SELECT count(*) FROM daybook.events"));
  EXPECT_EQ(200u, send("POST", "/v1/projections/postgres/resume").status);
  expect_reached("postgres", 2);
}

TEST_F(PostgresDaemonTest, AChangedPasswordIsTakenOverWhileItRuns) {
  start();
  append(1);
  expect_reached("postgres", 1);
  server_.run_sql(database_,
                  "ALTER USER postgres PASSWORD 'second';"
                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                  " WHERE application_name = 'daybook'");
  append(1);
  expect_shown("postgres", "password authentication failed");
  config::Config fresh = config_;
  fresh.postgres.url.replace(fresh.postgres.url.find("first"), 5, "second");
  daemon_->reload(fresh);
  expect_reached("postgres", 2);
  EXPECT_EQ("2", sql("SELECT count(*) FROM daybook.events"));
}

TEST_F(PostgresDaemonTest, ADaemonStopsWithinSecondsWhilePostgresIsSuspended) {
  start();
  append(1);
  expect_reached("postgres", 1);
  server_.freeze();
  append(1);
  const auto began = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
  server_.thaw();
  start();
  expect_reached("postgres", 2);
  EXPECT_EQ("2", sql("SELECT count(*) FROM daybook.events"));
}

}  // namespace
}  // namespace daybook::test
