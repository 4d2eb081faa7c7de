// Read models in a real database: every kind of change, whose tables they are, what survives.
#include "replication/postgres/read_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/replication/memory_feed.h"
#include "tests/replication/postgres/postgres_server.h"
#include "tests/replication/run.h"

namespace daybook::postgres {
namespace {

using daybook::testing::LoggedEvent;
using daybook::testing::MemoryLog;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Row = PostgresServer::Row;

std::string text_of(const auto& result) {
  return result ? "ok" : result.error().state + ' ' + result.error().text;
}

LoggedEvent event(std::string type, std::string id, std::string payload = "{}") {
  return {.event_type = std::move(type),
          .aggregate_type = "agent",
          .aggregate_id = std::move(id),
          .payload = std::move(payload)};
}

class ReadModelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ("ok", text_of(test::run(io_, connection_.open(std::chrono::seconds(30)))));
  }

  // Declares it; the members that every test has in common are here.
  void declare(const std::string& columns, const std::string& rules,
               const std::string& key = R"({"id":"/aggregate_id"})",
               const std::string& table = "agents") {
    auto made = make_read_model(R"({"name":"agents","table":")" + table + R"(","columns":)" +
                                columns + R"(,"key":)" + key + R"(,"on":)" + rules + '}');
    ASSERT_TRUE(made) << made.error().pointer << ' ' << made.error().detail;
    tables_ = std::move(*made);
  }

  std::string sql(std::string text) {
    return text_of(test::run(io_, connection_.run(std::move(text))));
  }
  // One step in a transaction of its own.
  std::string in_transaction(boost::asio::awaitable<SqlResult<void>> step) {
    EXPECT_EQ("ok", sql("BEGIN"));
    const std::string done = text_of(test::run(io_, std::move(step)));
    EXPECT_EQ("ok", sql(done == "ok" ? "COMMIT" : "ROLLBACK"));
    return done;
  }
  std::string create(Generation generation = 1) {
    return in_transaction(tables_->create(connection_, generation, false));
  }
  std::string show(Generation generation = 1) {
    return in_transaction(tables_->show(connection_, generation));
  }
  std::string drop(Generation generation) {
    return in_transaction(tables_->drop(connection_, generation));
  }
  void begin(Generation generation = 1) {
    ASSERT_EQ("ok", sql("DEALLOCATE ALL"));
    ASSERT_EQ("ok", text_of(test::run(io_, tables_->begin_session(connection_, generation))));
  }
  void create_and_show() {
    ASSERT_EQ("ok", create());
    ASSERT_EQ("ok", show());
    begin();
  }
  std::string write(std::vector<LoggedEvent> events, Generation generation = 1) {
    MemoryLog log;
    for (LoggedEvent& one : events) log.add(std::move(one));
    Query query;
    query.filter = tables_->filter();
    query.limit = 100'000;
    const Page page = log.read(query);
    for (const EventView& view : page.events) EXPECT_EQ("", tables_->refusal(view));
    return in_transaction(tables_->write(connection_, generation, {page.events, {}}));
  }
  std::string refusal(LoggedEvent one) {
    MemoryLog log;
    return tables_->refusal(log.at(log.add(std::move(one))).view());
  }
  std::vector<Row> query(const std::string& text) { return server_.run_sql(database_, text); }

  PostgresServer& server_ = PostgresServer::shared();
  const std::string database_ = server_.create_database();
  boost::asio::io_context io_;
  Connection connection_{io_.get_executor(), server_.url(database_)};
  std::unique_ptr<TableSet> tables_;
};

constexpr const char* kColumns =
    R"({"id":"text","name":"text","tasks":"bigint","cost":"numeric","last":"timestamptz",)"
    R"("least":"integer","greatest":"double precision","extra":"jsonb","active":"boolean",)"
    R"("owner":"uuid","day":"date"})";

TEST_F(ReadModelTest, EveryTypeTakesItsValue) {
  declare(kColumns, R"([{"event_type":"e","set":{"name":"/payload/name","tasks":"/payload/n",)"
                    R"("cost":"/payload/cost","last":"/payload/at","least":"/payload/n",)"
                    R"("greatest":"/payload/f","extra":"/payload/extra","active":"/payload/b",)"
                    R"("owner":"/payload/owner","day":"/payload/at"}}])");
  create_and_show();
  EXPECT_EQ("ok", write({event("e", "a",
                               R"({"name":"ünï \"q\" '\\","n":12.0,"cost":0.10000000000000000001,)"
                               R"("at":"2026-01-24T23:30:00-05:00","f":1.5e300,)"
                               R"("extra":{"k":[1.0,null]},"b":true,)"
                               R"("owner":"550e8400-e29b-41d4-a716-446655440000"})"),
                         event("e", "b", R"({"name":{"a":1},"cost":"12.50","extra":null})")}));
  EXPECT_THAT(
      query("SELECT * FROM agents ORDER BY id"),
      ElementsAre(ElementsAre("a", "ünï \"q\" '\\", "12", "0.10000000000000000001",
                              "2026-01-25 04:30:00+00", "12", "1.5e+300", R"({"k": [1.0, null]})",
                              "t", "550e8400-e29b-41d4-a716-446655440000", "2026-01-25"),
                  ElementsAre("b", R"({"a":1})", "NULL", "12.50", "NULL", "NULL", "NULL", "NULL",
                              "NULL", "NULL", "NULL")));
}

TEST_F(ReadModelTest, ChangesAreMadeInTheOrderOfTheLog) {
  declare(kColumns, R"([{"event_type":"agent.*","set":{"name":"/payload/name"},)"
                    R"("increment":{"tasks":1,"cost":"/payload/cost"},)"
                    R"("max":{"last":"/recorded_at","greatest":"/payload/f"},)"
                    R"("min":{"least":"/payload/f"}}])");
  create_and_show();
  std::vector<LoggedEvent> events;
  for (int i = 1; i <= 500; ++i)
    events.push_back(event("agent.x", i % 2 == 0 ? "even" : "odd",
                           R"({"name":"n)" + std::to_string(i) + R"(","cost":0.1,"f":)" +
                               std::to_string(i * 7 % 501) + '}'));
  EXPECT_EQ("ok", write(std::move(events)));
  EXPECT_THAT(
      query("SELECT id, name, tasks, cost, least, greatest, last FROM agents ORDER BY id"),
      ElementsAre(ElementsAre("even", "n500", "250", "25.0", "1", "499", "2026-01-24 10:00:00+00"),
                  ElementsAre("odd", "n499", "250", "25.0", "2", "500", "2026-01-24 10:00:00+00")));
}

TEST_F(ReadModelTest, AMissingPlaceLeavesTheColumnAloneAndNullIsNull) {
  declare(kColumns, R"([{"event_type":"e","set":{"name":"/payload/name","extra":"/payload/x"},)"
                    R"("increment":{"tasks":"/payload/n"},"max":{"last":"/payload/at"},)"
                    R"("min":{"least":"/payload/n"}}])");
  create_and_show();
  const std::string columns = "SELECT name, extra, tasks, last IS NULL, least FROM agents";
  EXPECT_EQ("ok", write({event("e", "a")}));
  EXPECT_THAT(query(columns), ElementsAre(ElementsAre("NULL", "NULL", "0", "t", "NULL")));
  EXPECT_EQ("ok", write({event("e", "a", R"({"name":"x","x":1,"n":5,"at":"2026-01-01"})"),
                         event("e", "a")}));
  EXPECT_THAT(query(columns), ElementsAre(ElementsAre("x", "1", "5", "f", "5")));
  EXPECT_EQ("ok", write({event("e", "a", R"({"name":null,"x":null,"n":null,"at":null})")}));
  EXPECT_THAT(query(columns), ElementsAre(ElementsAre("NULL", "NULL", "5", "f", "5")));
}

TEST_F(ReadModelTest, AllRulesThatMatchAreDoneInTurn) {
  declare(kColumns, R"([{"event_type":"agent.*","increment":{"tasks":1}},)"
                    R"({"event_type":["agent.named","agent.made"],"set":{"name":"/payload/name"}},)"
                    R"({"event_type":"agent.gone","delete":true},)"
                    R"({"event_type":"agent.reset","delete":true},{"event_type":"agent.reset"}])");
  create_and_show();
  EXPECT_EQ("ok", write({event("agent.made", "a", R"({"name":"first"})"), event("agent.x", "a"),
                         event("agent.made", "b"), event("agent.gone", "b"),
                         event("agent.made", "c", R"({"name":"old"})"), event("agent.reset", "c"),
                         event("other", "d")}));
  EXPECT_THAT(query("SELECT id, name, tasks FROM agents ORDER BY id"),
              ElementsAre(ElementsAre("a", "first", "2"), ElementsAre("c", "NULL", "0")));
}

TEST_F(ReadModelTest, ARuleWithAKeyOfItsOwnFindsTheRowOfAnother) {
  declare(kColumns, R"([{"event_type":"agent.made","set":{"name":"/payload/name"}},)"
                    R"({"event_type":"task.done","key":{"id":"/payload/agent"},)"
                    R"("increment":{"tasks":1}}])");
  create_and_show();
  EXPECT_EQ("ok", write({event("agent.made", "a", R"({"name":"x"})"),
                         event("task.done", "t1", R"({"agent":"a"})"),
                         event("task.done", "t2", R"({"agent":"a"})")}));
  EXPECT_THAT(query("SELECT id, name, tasks FROM agents"), ElementsAre(ElementsAre("a", "x", "2")));
}

TEST_F(ReadModelTest, KeysMayBeTimesAndConstants) {
  declare(R"({"hour":"timestamptz","what":"text","n":"bigint"})",
          R"([{"event_type":"task.*","increment":{"n":1}}])",
          R"({"hour":{"from":"/recorded_at","truncate":"hour"},"what":{"value":"it's \\"}})");
  create_and_show();
  std::vector<LoggedEvent> events;
  for (std::int64_t minute = 0; minute < 150; ++minute) {
    events.push_back(event("task.done", "t"));
    events.back().recorded_at.micros += minute * 60'000'000;
  }
  EXPECT_EQ("ok", write(std::move(events)));
  EXPECT_THAT(query("SELECT * FROM agents ORDER BY hour"),
              ElementsAre(ElementsAre("2026-01-24 10:00:00+00", "it's \\", "60"),
                          ElementsAre("2026-01-24 11:00:00+00", "it's \\", "60"),
                          ElementsAre("2026-01-24 12:00:00+00", "it's \\", "30")));
}

TEST_F(ReadModelTest, FilterAsksForWhatSomeRuleTakes) {
  declare(kColumns, R"([{"event_type":["a","b.*"]},{"event_type":["b.*","c"]}])");
  EXPECT_THAT(tables_->filter().event_types, ElementsAre("a", "b.*", "c"));
  EXPECT_EQ("", tables_->filter().aggregate_type);
}

TEST_F(ReadModelTest, AValueThatIsNoneOfTheTypeBlamesTheRow) {
  declare(kColumns, R"([{"event_type":"e","set":{"tasks":"/payload/n","owner":"/payload/u",)"
                    R"("last":"/payload/at","active":"/payload/b","extra":"/payload/x"},)"
                    R"("increment":{"least":"/payload/i"}}])");
  create_and_show();
  for (const std::string payload :
       {R"({"n":1.5})", R"({"n":"x"})", R"({"n":1e30})", R"({"n":{}})", R"({"u":"x"})",
        R"({"at":"2026-13-01"})", R"({"at":5})", R"({"b":"maybe"})", R"({"i":2147483648})",
        R"({"n":1e999999})"}) {
    MemoryLog log;
    const EventView view = log.at(log.add(event("e", "a", payload))).view();
    EXPECT_EQ("", tables_->refusal(view)) << payload;
    ASSERT_EQ("ok", sql("BEGIN"));
    const auto written = test::run(io_, tables_->write(connection_, 1, {std::span(&view, 1), {}}));
    ASSERT_FALSE(written) << payload;
    EXPECT_TRUE(written.error().blames_rows()) << payload << ' ' << text_of(written);
    ASSERT_EQ("ok", sql("ROLLBACK"));
  }
  EXPECT_THAT(query("SELECT * FROM agents"), IsEmpty());
}

TEST_F(ReadModelTest, AnEventWithoutItsKeyIsRefused) {
  declare(kColumns, R"([{"event_type":"e","set":{"name":"/payload/name"}}])",
          R"({"id":"/payload/id"})");
  EXPECT_EQ("/payload/id is missing or null, and says which row it is", refusal(event("e", "a")));
  EXPECT_EQ("", refusal(event("e", "a", R"({"id":"x"})")));
  EXPECT_EQ("", refusal(event("other", "a"))) << "no rule takes it";
  EXPECT_THAT(refusal(event("e", "a", R"({"id":"x","name":"\u0000"})")),
              HasSubstr("/payload/name"));
  EXPECT_EQ("", refusal(event("e", "a", R"({"id":"x","other":"\u0000"})")))
      << "what no rule reads may be as it likes";
}

TEST_F(ReadModelTest, TheNextGenerationIsShownInPlaceAndTheOldOneDropped) {
  declare(R"({"id":"text"})", R"([{"event_type":"e"}])");
  create_and_show();
  EXPECT_EQ("ok", write({event("e", "old")}));
  query(
      "CREATE ROLE reader_of_the_next; GRANT SELECT ON agents TO reader_of_the_next;"
      "CREATE VIEW dependant AS SELECT id FROM agents");
  declare(R"({"id":"text","more":"bigint"})", R"([{"event_type":"e","increment":{"more":1}}])");
  ASSERT_EQ("ok", create(2));
  EXPECT_FALSE(*test::run(io_, tables_->exists(connection_, 3)));
  EXPECT_TRUE(*test::run(io_, tables_->exists(connection_, 2)));
  begin(2);
  EXPECT_EQ("ok", write({event("e", "new")}, 2));
  EXPECT_THAT(query("SELECT * FROM agents"), ElementsAre(ElementsAre("old")));
  ASSERT_EQ("ok", show(2));
  ASSERT_EQ("ok", drop(1));
  EXPECT_EQ("ok", drop(1)) << "it is gone already";
  EXPECT_THAT(query("SET ROLE reader_of_the_next; SELECT * FROM agents"),
              ElementsAre(ElementsAre("new", "1")));
  EXPECT_THAT(query("SELECT * FROM dependant"), ElementsAre(ElementsAre("new")));
}

TEST_F(ReadModelTest, AViewThatHasToBeMadeAnewKeepsItsGrants) {
  declare(R"({"id":"text","n":"bigint","gone":"text"})", R"([{"event_type":"e"}])");
  create_and_show();
  query(
      "CREATE ROLE \"odd \"\"name\"; CREATE ROLE of_a_column; GRANT SELECT ON agents TO PUBLIC;"
      "GRANT SELECT, UPDATE ON agents TO \"odd \"\"name\" WITH GRANT OPTION;"
      "GRANT SELECT (id, gone), UPDATE (n) ON agents TO of_a_column");
  const std::string rights =
      "SELECT grantee, privilege_type, is_grantable FROM information_schema.table_privileges "
      "WHERE table_name = 'agents' AND grantee <> 'postgres' ORDER BY 1, 2";
  const std::string of_columns =
      "SELECT column_name, privilege_type FROM information_schema.column_privileges "
      "WHERE table_name = 'agents' AND grantee = 'of_a_column' ORDER BY 1, 2";
  const auto before = query(rights);
  ASSERT_EQ(3u, before.size());
  ASSERT_EQ(3u, query(of_columns).size());

  declare(R"({"n":"text","id":"text"})", R"([{"event_type":"e"}])");
  ASSERT_EQ("ok", create(2));
  ASSERT_EQ("ok", show(2));
  EXPECT_EQ(before, query(rights));
  EXPECT_THAT(query(of_columns),
              ElementsAre(ElementsAre("id", "SELECT"), ElementsAre("n", "UPDATE")));
}

TEST_F(ReadModelTest, WhatDependsOnAViewThatHasToBeMadeAnewIsNamed) {
  declare(R"({"id":"text","n":"bigint"})", R"([{"event_type":"e"}])");
  create_and_show();
  query("CREATE VIEW dependant AS SELECT n FROM agents");
  declare(R"({"id":"text","n":"text"})", R"([{"event_type":"e"}])");
  ASSERT_EQ("ok", create(2));
  EXPECT_THAT(show(2), ::testing::AllOf(HasSubstr("2BP01"), HasSubstr("dependant")));
  query("DROP VIEW dependant");
  EXPECT_EQ("ok", show(2));
}

TEST_F(ReadModelTest, WhatIsSomebodyElsesIsNeverTouched) {
  declare(R"({"id":"text"})", R"([{"event_type":"e"}])");
  for (const std::string theirs :
       {"CREATE TABLE agents (x int)", "CREATE VIEW agents AS SELECT 1 AS x",
        "CREATE MATERIALIZED VIEW agents AS SELECT 1 AS x", "CREATE SEQUENCE agents"}) {
    query(theirs);
    EXPECT_THAT(create(),
                ::testing::AllOf(HasSubstr("42P07"), HasSubstr("public.agents is there already")));
    EXPECT_THAT(show(), HasSubstr("public.agents is there already"));
    query("DROP " + theirs.substr(7, theirs.find("agents") - 7) + "agents");
  }
  query("CREATE TABLE agents_g1 (x int)");
  EXPECT_THAT(create(), HasSubstr("agents_g1"));
  EXPECT_EQ("ok", drop(1));
  EXPECT_THAT(query("SELECT count(*) FROM agents_g1"), ElementsAre(ElementsAre("0")));
  EXPECT_FALSE(*test::run(io_, tables_->exists(connection_, 1)));
}

TEST_F(ReadModelTest, AnotherProjectionsTableIsSomebodyElses) {
  declare(R"({"id":"text"})", R"([{"event_type":"e"}])");
  create_and_show();
  auto other = make_read_model(R"({"name":"other","table":"agents","columns":{"id":"text"},)"
                               R"("key":{"id":"/aggregate_id"},"on":[{"event_type":"e"}]})");
  ASSERT_TRUE(other);
  tables_ = std::move(*other);
  EXPECT_THAT(create(2), HasSubstr("public.agents is there already"));
}

TEST_F(ReadModelTest, ASchemaIsMadeWhereItIsMissing) {
  declare(R"({"id":"text"})", R"([{"event_type":"e"}])", R"({"id":"/aggregate_id"})",
          "Re\\\"ports.x y");
  create_and_show();
  EXPECT_EQ("ok", write({event("e", "a")}));
  EXPECT_THAT(query("SELECT id FROM \"Re\"\"ports\".\"x y\""), ElementsAre(ElementsAre("a")));
}

TEST_F(ReadModelTest, ADroppedProjectionTakesItsViewAlong) {
  declare(R"({"id":"text"})", R"([{"event_type":"e"}])");
  create_and_show();
  ASSERT_EQ("ok", drop(1));
  EXPECT_THAT(query("SELECT relname FROM pg_class WHERE relname LIKE 'agents%'"), IsEmpty());
}

TEST(MakeReadModel, SaysWhereADefinitionIsWrong) {
  const auto made = make_read_model(R"({"name":"agents"})");
  ASSERT_FALSE(made);
  EXPECT_EQ("/table", made.error().pointer);
}

}  // namespace
}  // namespace daybook::postgres
