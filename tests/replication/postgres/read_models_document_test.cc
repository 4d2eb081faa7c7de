// docs/read-models.md does what it says: its declarations are taken, its queries run on them.
#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <fstream>
#include <iterator>

#include "daemon/config/config.h"
#include "protocol/json/read_projection.h"
#include "protocol/json/write_projection.h"
#include "replication/postgres/read_model.h"
#include "tests/replication/memory_feed.h"
#include "tests/replication/postgres/postgres_server.h"
#include "tests/replication/run.h"

namespace daybook::postgres {
namespace {

using daybook::testing::LoggedEvent;
using daybook::testing::MemoryLog;
using ::testing::ElementsAre;

// The blocks of a language, in their order.
std::vector<std::string> blocks(const std::string& language) {
  std::ifstream in(DAYBOOK_SOURCE_DIR "/docs/read-models.md");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::string fence = "```" + language + '\n';
  std::vector<std::string> found;
  for (std::size_t at = text.find(fence); at != text.npos; at = text.find(fence, at)) {
    at += fence.size();
    found.push_back(text.substr(at, text.find("```", at) - at));
  }
  return found;
}

ReadModel declared(const std::string& toml) {
  const auto config =
      config::load_text("[postgres]\nurl = \"postgresql:///events\"\n" + toml, "read-models.md");
  return config ? config->projections.at(0) : throw std::runtime_error(config.error().detail);
}

class ReadModelsDocument : public ::testing::Test {
 protected:
  // The table of one declaration, shown, with what these events make of it.
  void keep(const ReadModel& model, const MemoryLog& log) {
    auto made = make_read_model(json::write_projection(model));
    ASSERT_TRUE(made) << made.error().detail;
    TableSet& tables = **made;
    Connection connection(io_.get_executor(), server_.url(database_));
    const std::chrono::seconds limit(30);
    ASSERT_TRUE(test::run(io_, connection.open(limit)));
    ASSERT_TRUE(test::run(io_, connection.run("BEGIN")));
    ASSERT_TRUE(test::run(io_, tables.create(connection, 1, false)));
    ASSERT_TRUE(test::run(io_, tables.show(connection, 1)));
    ASSERT_TRUE(test::run(io_, tables.begin_session(connection, 1)));
    Query query;
    query.filter = tables.filter();
    const Page page = log.read(query);
    const auto written = test::run(io_, tables.write(connection, 1, {page.events, {}}));
    ASSERT_TRUE(written) << written.error().text;
    ASSERT_TRUE(test::run(io_, connection.run("COMMIT")));
  }

  PostgresServer& server_ = PostgresServer::shared();
  const std::string database_ = server_.create_database();
  boost::asio::io_context io_;
};

LoggedEvent event(std::string type, std::string aggregate_id, std::string payload) {
  LoggedEvent out;
  out.event_type = std::move(type);
  out.aggregate_id = std::move(aggregate_id);
  out.payload = std::move(payload);
  out.recorded_at = now();
  return out;
}

TEST_F(ReadModelsDocument, ItsTwoUsesWorkAsTheyStandThere) {
  MemoryLog log;
  log.add(event("agent.created", "a", R"({"name":"Ada","state":"idle"})"));
  log.add(event("agent.updated", "a", R"({"state":"busy"})"));
  log.add(event("agent.created", "b", R"({"name":"Bob","state":"busy"})"));
  log.add(event("agent.deleted", "b", "{}"));
  log.add(event("task.completed", "1", R"({"agent_id":"a","kind":"x","cost":0.1})"));
  log.add(event("task.completed", "2", R"({"agent_id":"a","kind":"y","cost":0.2})"));
  log.add(event("task.failed", "3", R"({"agent_id":"a","kind":"x"})"));

  const auto declarations = blocks("toml");
  const auto queries = blocks("sql");
  ASSERT_EQ(2u, declarations.size());
  ASSERT_EQ(2u, queries.size());
  for (const std::string& declaration : declarations) keep(declared(declaration), log);

  const auto agents = server_.run_sql(database_, queries[0]);
  ASSERT_EQ(1u, agents.size());
  EXPECT_EQ((PostgresServer::Row{"Ada", "busy", "2", "0.3"}),
            PostgresServer::Row(agents[0].begin(), agents[0].end() - 1));
  const auto hours = server_.run_sql(database_, queries[1]);
  ASSERT_EQ(1u, hours.size());
  EXPECT_EQ((PostgresServer::Row{"2", "1"}),
            PostgresServer::Row(hours[0].begin() + 1, hours[0].end()));
}

TEST_F(ReadModelsDocument, ItsJsonIsTaken) {
  const auto bodies = blocks("json");
  ASSERT_EQ(1u, bodies.size());
  const auto model = json::read_projection(bodies[0], "open-tasks");
  ASSERT_TRUE(model) << model.error().detail;
  MemoryLog log;
  for (const char* type : {"task.assigned", "task.assigned", "task.failed"})
    log.add(event(type, "1", R"({"agent_id":"a"})"));
  keep(*model, log);
  EXPECT_THAT(server_.run_sql(database_, "SELECT * FROM tasks_per_agent"),
              ElementsAre(ElementsAre("a", "1")));
}

}  // namespace
}  // namespace daybook::postgres
