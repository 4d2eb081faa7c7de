// The table sets of the product, posted to and rebuilt by the sinks.
#include "replication/postgres/event_tables.h"
#include "replication/postgres/operator.h"
#include "replication/postgres/read_model.h"
#include "tests/replication/postgres/projection_test.h"

namespace daybook::postgres {
namespace {

class TableSetsTest : public ProjectionTest {
 protected:
  Running& build_all() {
    Running& building = follow(build());
    until([&] { return building.is_over; });
    EXPECT_EQ(FollowerPhase::finished, building.state().phase)
        << ::testing::PrintToString(building.told);
    return building;
  }
  std::string generation() const {
    return value("SELECT generation FROM daybook.checkpoints WHERE name = '" + name_ + "'");
  }
};

TEST_F(TableSetsTest, TheTablesOfEventsAreRebuiltBehindTheirViews) {
  name_ = "postgres";
  definition_ = kEventTablesDefinition;
  make_tables_ = [](const std::string&) -> Result<std::unique_ptr<TableSet>> {
    return make_event_tables();
  };
  page_events_ = 100;
  for (std::int64_t i = 0; i < 1000; ++i)
    log_.add({.aggregate_id = std::to_string(i % 7),
              .payload = i % 100 == 50 ? R"({"no":"\u0000"})" : R"({"n":1})",
              .recorded_at = {1'769'248'800'000'000 + i * 7'200'000'000}});
  Running& running = follow(live());
  until_posted(running);
  const std::string events = "SELECT count(*) || ' ' || sum(log_offset) FROM daybook.events";
  const std::string heads =
      "SELECT string_agg(aggregate_id || ':' || head, ' ' ORDER BY aggregate_id) "
      "FROM daybook.aggregates";
  const std::string before = value(events) + value(heads);
  EXPECT_EQ(10u, counts_->failures);
  EXPECT_EQ("990", value("SELECT count(*) FROM mcp_documents.events"));
  build_all();
  EXPECT_EQ("2", generation());
  EXPECT_EQ(before, value(events) + value(heads));
  EXPECT_EQ(10u, counts_->failures);
  EXPECT_EQ("0", value("SELECT count(*) FROM pg_class WHERE relname LIKE 'events_g1%'"));
  log_.add({});
  until_posted(running);
  EXPECT_EQ("991", value("SELECT count(*) FROM mcp_documents.events"));
}

// Another table, other columns: what the first was called is gone afterwards.
TEST_F(TableSetsTest, AReadModelOfAnotherShapeTakesThePlaceOfTheFirst) {
  name_ = "totals";
  make_tables_ = make_read_model;
  definition_ = R"({"name":"totals","table":"totals","columns":{"id":"text","sum":"bigint"},)"
                R"("key":{"id":"/aggregate_id"},)"
                R"("on":[{"event_type":"thing.done","increment":{"sum":"/payload/n"}}]})";
  for (int i = 1; i <= 30; ++i) add(R"({"n": )" + std::to_string(i) + '}');
  Running& first = follow(live());
  until_posted(first);
  EXPECT_EQ("465", value("SELECT sum(sum) FROM totals"));
  stop(first);
  definition_.replace(definition_.find("totals\",\"columns"), 6, "reports");
  definition_.replace(definition_.find("\"bigint\""), 8, "\"numeric\"");
  Running& second = follow(live());
  until([&] { return builds_asked_ == 1; });
  build_all();
  add(R"({"n": 0.5})");
  until_posted(second);
  EXPECT_EQ("465.5", value("SELECT sum(sum) FROM reports"));
  EXPECT_EQ("NULL", value("SELECT to_regclass('totals')"));
  EXPECT_EQ("2", generation());
  stop(second);
  ASSERT_TRUE(run(drop_projection(context_.get_executor(), settings())));
  EXPECT_EQ("NULL", value("SELECT to_regclass('reports')"));
  EXPECT_EQ("0", value("SELECT count(*) FROM pg_class WHERE relname ~ '^(totals|reports)'"));
}

}  // namespace
}  // namespace daybook::postgres
