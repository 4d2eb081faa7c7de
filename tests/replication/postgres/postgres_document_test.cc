// The statements of docs/postgres.md, against a real server.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/replication/postgres/projected_database.h"

namespace daybook::postgres {
namespace {

// What stands between "```sql" and "```".
std::vector<std::string> documented_statements() {
  std::ifstream file(DAYBOOK_SOURCE_DIR "/docs/postgres.md");
  std::vector<std::string> statements;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      inside = line == "```sql";
      if (inside) statements.emplace_back();
    } else if (inside) {
      statements.back() += line + '\n';
    }
  }
  return statements;
}

class PostgresDocument : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(database_.create(1));
    ASSERT_TRUE(database_.show(1));
    ASSERT_TRUE(database_.begin_session(1));
    EventView cause = event_of("e-1", 1, *parse_rfc3339("2026-10-01T00:00:00Z"));
    EventView effect = event_of("e-2", 2, now());
    EventView last = event_of("e-3", 3, now());
    effect.causation_id = "e-1";
    last.causation_id = "e-2";
    post({cause});
    post({effect, last});
    database_.sql(
        "INSERT INTO daybook.checkpoints VALUES ('postgres', 3, now(), 1, 1, '', '');"
        "INSERT INTO daybook.failures VALUES ('postgres', 1, 4, 'e-4', 'why', '{}', now())");
  }

  static EventView event_of(std::string_view id, std::uint64_t offset, Timestamp recorded_at) {
    EventView event = event_at(offset, "a-1", offset);
    event.id.text = id;
    event.correlation_id = "c-1";
    event.tags = {"red"};
    event.recorded_at = recorded_at;
    return event;
  }
  void post(const std::vector<EventView>& events) { ASSERT_TRUE(database_.post(1, {events, {}})); }

  ProjectedDatabase database_;
};

TEST_F(PostgresDocument, EachStatementWorksAndEachQuestionHasAnAnswer) {
  const auto statements = documented_statements();
  EXPECT_GE(statements.size(), 14U);
  for (const std::string& statement : statements) {
    const bool asks = statement.starts_with("SELECT") || statement.starts_with("WITH");
    const auto rows = database_.sql(statement);
    EXPECT_EQ(asks, !rows.empty()) << statement;
  }
}

TEST_F(PostgresDocument, CausesAndEffectsReachTheEnd) {
  for (const std::string& statement : documented_statements()) {
    if (!statement.starts_with("WITH RECURSIVE")) continue;
    EXPECT_EQ(3U, database_.sql(statement).size()) << statement;
  }
}

TEST_F(PostgresDocument, TheIndexForThePlatformsViewIsUsed) {
  database_.sql(documented_statements().front());
  std::string plan;
  for (const auto& row :
       database_.sql("SET enable_seqscan = off; EXPLAIN SELECT * FROM mcp_documents.events WHERE "
                     "aggregate_id = '550e8400-e29b-41d4-a716-446655440000'"))
    plan += row[0] + '\n';
  EXPECT_NE(std::string::npos, plan.find("Index Cond")) << plan;
  EXPECT_EQ(std::string::npos, plan.find("Seq Scan")) << plan;
}

}  // namespace
}  // namespace daybook::postgres
