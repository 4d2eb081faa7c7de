#include "replication/postgres/event_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/replication/postgres/projected_database.h"

namespace daybook::postgres {
namespace {

using testing::ElementsAre;

#define ASSERT_DONE(what)                   \
  do {                                      \
    const auto& done = (what);              \
    ASSERT_TRUE(done) << done.error().text; \
  } while (false)

class EventTablesTest : public testing::Test {
 protected:
  // A generation that users see and that is posted to.
  void begin(Generation generation = 1) {
    ASSERT_DONE(database_.create(generation));
    ASSERT_DONE(database_.show(generation));
    ASSERT_DONE(database_.begin_session(generation));
  }
  void post(const std::vector<EventView>& events, const std::vector<EventView>& refused = {}) {
    ASSERT_DONE(database_.post(1, {events, refused}));
  }
  std::string value(const std::string& sql) { return database_.value(sql); }
  std::string partitions(const std::string& table = "daybook.events_g1") {
    return value(
        "SELECT string_agg(inhrelid::regclass::text, ' ' ORDER BY inhrelid) FROM "
        "pg_inherits WHERE inhparent = '" +
        table + "'::regclass");
  }

  ProjectedDatabase database_;
};

TEST_F(EventTablesTest, EveryColumnIsWhatTheEventSaid) {
  begin();
  EventView event = event_at(7, "a-1", 3);
  event.id_space = "platform";
  event.id.text = "order-7";
  event.schema_version = R"("2.0 \"beta\"")";
  event.tags = {"red", "dark blue"};
  event.correlation_id = "c-1";
  event.causation_id = "c-0";
  event.payload = R"({"b":1.0,"a":[9007199254740993,null]})";
  event.metadata = R"({"session":"s"})";
  event.occurred_at = *parse_rfc3339("0001-01-01T00:00:00.000001Z");
  event.recorded_at = *parse_rfc3339("2026-11-21T10:00:00.123456Z");
  post({event});
  EXPECT_THAT(database_.sql("SELECT * FROM daybook.events"),
              ElementsAre(ElementsAre("7", "order-7", "agent", "a-1", "3", "agent.changed",
                                      "2.0 \"beta\"", "{red,\"dark blue\"}", "c-1", "c-0",
                                      R"({"a": [9007199254740993, null], "b": 1.0})",
                                      R"({"session": "s"})", "0001-01-01 00:00:00.000001+00",
                                      "2026-11-21 10:00:00.123456+00", "platform")));
}

TEST_F(EventTablesTest, WhatAnEventDoesNotHaveIsNullOrEmpty) {
  begin();
  post({event_at(1, "a-1", 1)});
  EXPECT_THAT(
      database_.sql("SELECT id, schema_version, tags, correlation_id, causation_id, id_space"
                    " FROM daybook.events"),
      ElementsAre(
          ElementsAre("00000000-0000-0000-0000-000000000001", "1", "{}", "NULL", "NULL", "")));
}

TEST_F(EventTablesTest, StrangeNamesSurvive) {
  begin();
  const std::vector<std::string> names = {
      "NULL",     "a,b",    "{}", R"("quoted")",        R"(back\slash\)", "'; DROP TABLE x; --",
      " blanks ", "漢字 😀", "$1", std::string(255, 'x')};
  std::vector<EventView> events;
  for (std::size_t i = 0; i < names.size(); ++i) {
    EventView event = event_at(i + 1, names[i], 1);
    event.aggregate_type = event.event_type = event.id.text = event.correlation_id = names[i];
    event.tags = {names[i], "tag"};
    events.push_back(event);
  }
  post(events);
  const auto rows = database_.sql(
      "SELECT e.id, e.event_type, e.correlation_id, e.tags[1], a.aggregate_type, a.aggregate_id"
      " FROM daybook.events AS e JOIN daybook.aggregates AS a USING (aggregate_type, aggregate_id)"
      " ORDER BY log_offset");
  ASSERT_EQ(names.size(), rows.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    EXPECT_EQ(PostgresServer::Row(6, names[i]), rows[i]);
}

TEST_F(EventTablesTest, APageOfManyPiecesArrivesWhole) {
  begin();
  const std::string payload = R"({"text":")" + std::string(1000, 'x') + "\"}";
  std::vector<EventView> events;
  for (std::uint64_t offset = 1; offset <= 2000; ++offset) {
    events.push_back(event_at(offset, "a-1", offset));
    events.back().payload = payload;
  }
  post(events);
  EXPECT_EQ("2000 2001000 1000", value("SELECT count(*) || ' ' || sum(log_offset) || ' ' || "
                                       "max(length(payload->>'text')) FROM daybook.events"));
}

TEST_F(EventTablesTest, EachMonthHasItsPartitionAndTwoAreMadeAhead) {
  begin();
  EventView last = event_at(1, "a-1", 1);
  last.recorded_at = *parse_rfc3339("2026-10-31T23:59:59.999999Z");
  EventView first = event_at(2, "a-1", 2);
  first.recorded_at = *parse_rfc3339("2026-11-01T00:00:00Z");
  post({last, first});
  EXPECT_EQ(
      "daybook.events_g1_2026_10 daybook.events_g1_2026_11 daybook.events_g1_2026_12 "
      "daybook.events_g1_2027_01",
      partitions());
  EXPECT_EQ("1", value("SELECT string_agg(log_offset::text, ',') FROM daybook.events_g1_2026_10"));
  EXPECT_EQ("2", value("SELECT string_agg(log_offset::text, ',') FROM daybook.events_g1_2026_11"));
}

TEST_F(EventTablesTest, APartitionThatWasDroppedIsMadeAgain) {
  begin();
  post({event_at(1, "a-1", 1)});
  database_.sql("DROP TABLE daybook.events_g1_2026_11");
  post({event_at(2, "a-1", 2)});
  EXPECT_EQ("2", value("SELECT string_agg(log_offset::text, ',') FROM daybook.events"));
  EXPECT_EQ("8", value("SELECT count(*) FROM pg_index WHERE indrelid = "
                       "'daybook.events_g1_2026_11'::regclass"));
}

TEST_F(EventTablesTest, APartitionThatWasRolledBackIsMadeAgain) {
  begin();
  EventView bad = event_at(1, "a-1", 1);
  bad.payload = R"("\u0000")";
  const std::vector<EventView> page{bad};
  const auto failed = database_.post(1, {page, {}});
  ASSERT_FALSE(failed);
  EXPECT_EQ("22P05", failed.error().state);
  EXPECT_EQ("NULL", partitions());
  post({event_at(2, "a-1", 2)});
  EXPECT_EQ("1", value("SELECT count(*) FROM daybook.events"));
}

TEST_F(EventTablesTest, AMissingTableIsSaidToBeMissing) {
  begin();
  EXPECT_TRUE(database_.exists(1).value());
  EXPECT_FALSE(database_.exists(2).value());
  database_.sql("DROP TABLE daybook.events_g1 CASCADE");
  EXPECT_FALSE(database_.exists(1).value());
  const std::vector<EventView> page{event_at(1, "a-1", 1)};
  const auto failed = database_.post(1, {page, {}});
  ASSERT_FALSE(failed);
  EXPECT_TRUE(failed.error().misses_schema()) << failed.error().state;
}

TEST_F(EventTablesTest, ANewGenerationTakesThePlaceOfTheOldBehindTheViews) {
  begin();
  post({event_at(1, "a-1", 1)});
  const std::string reader = database_.name + "_reader";
  database_.sql("CREATE ROLE " + reader + "; GRANT USAGE ON SCHEMA daybook TO " + reader +
                "; GRANT SELECT ON daybook.events TO " + reader +
                "; CREATE VIEW mine AS SELECT count(*) FROM daybook.events");
  EXPECT_EQ("1", value("SELECT * FROM mine"));

  ASSERT_DONE(database_.create(2, true));
  ASSERT_DONE(database_.begin_session(2));
  const std::vector<EventView> page{event_at(1, "a-1", 1), event_at(2, "a-1", 2)};
  ASSERT_DONE(database_.post(2, {page, {}}));
  EXPECT_EQ("1", value("SELECT * FROM mine"));
  ASSERT_DONE(database_.complete(2));
  ASSERT_DONE(database_.show(2));
  ASSERT_DONE(database_.drop(1));

  EXPECT_EQ("2", value("SELECT * FROM mine"));
  EXPECT_EQ("2", value("SELECT event_count FROM daybook.aggregates"));
  EXPECT_EQ("2", value("SET ROLE " + reader + "; SELECT count(*) FROM daybook.events"));
  EXPECT_FALSE(database_.exists(1).value());
  ASSERT_DONE(database_.drop(1));
}

TEST_F(EventTablesTest, TheViewsGoWithTheGenerationThatTheyShow) {
  begin();
  ASSERT_DONE(database_.create(2));
  ASSERT_DONE(database_.drop(2));
  EXPECT_EQ("0", value("SELECT count(*) FROM mcp_documents.events"));
  database_.sql("CREATE VIEW mine AS SELECT count(*) FROM daybook.events");
  const auto refused = database_.drop(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ("2BP01", refused.error().state) << refused.error().text;
  database_.sql("DROP VIEW mine");
  ASSERT_DONE(database_.drop(1));
  EXPECT_EQ("0", value("SELECT count(*) FROM pg_class WHERE relname IN ('events', 'aggregates')"));
}

TEST_F(EventTablesTest, IndexesOfABareGenerationComeLaterAndOnce) {
  const std::string count =
      "SELECT count(*) FROM pg_index WHERE indrelid = 'daybook.events_g1'::regclass";
  ASSERT_DONE(database_.create(1, true));
  EXPECT_EQ("0", value(count));
  for (int i = 0; i < 2; ++i) {
    ASSERT_DONE(database_.complete(1));
    EXPECT_EQ("8", value(count));
  }
}

using AggregateRow = PostgresServer::Row;

TEST_F(EventTablesTest, AggregatesCanBePostedAgain) {
  begin();
  const std::vector<EventView> page{event_at(1, "a-1", 1), event_at(2, "a-2", 1),
                                    event_at(3, "a-1", 2)};
  post(page);
  post({}, page);
  post({}, {event_at(1, "a-1", 1)});
  EXPECT_THAT(database_.sql("SELECT * FROM daybook.aggregates ORDER BY aggregate_id"),
              ElementsAre(AggregateRow{"agent", "a-1", "2", "2026-11-01 00:00:01+00",
                                       "2026-11-01 00:00:03+00", "2"},
                          AggregateRow{"agent", "a-2", "1", "2026-11-01 00:00:02+00",
                                       "2026-11-01 00:00:02+00", "1"}));
}

TEST_F(EventTablesTest, ARefusedEventCountsToo) {
  begin();
  post({event_at(1, "a-1", 1)}, {event_at(2, "a-1", 2)});
  EXPECT_EQ("2", value("SELECT event_count FROM daybook.aggregates"));
  EXPECT_EQ("1", value("SELECT count(*) FROM daybook.events"));
}

TEST_F(EventTablesTest, AnAggregateWhoseFirstEventWasLostHasNoFirstTime) {
  begin();
  post({event_at(10, "a-1", 7)});
  EXPECT_THAT(database_.sql("SELECT head, first_recorded_at FROM daybook.aggregates"),
              ElementsAre(ElementsAre("7", "NULL")));
}

TEST_F(EventTablesTest, ThePlatformFindsItsTable) {
  begin();
  EventView theirs = event_at(1, "550e8400-e29b-41d4-a716-446655440000", 1);
  theirs.schema_version = "3";
  theirs.payload = R"({"name":"x"})";
  EventView other = event_at(2, "a-2", 1);
  other.id.text = "order-7";
  const std::string long_type(200, 't');
  other.aggregate_type = long_type;
  other.schema_version = R"("2.1")";
  post({theirs, other});
  EXPECT_THAT(
      database_.sql("SELECT column_name, data_type, coalesce(character_maximum_length, 0)"
                    " FROM information_schema.columns WHERE table_schema = 'mcp_documents'"
                    " ORDER BY ordinal_position"),
      ElementsAre(ElementsAre("id", "uuid", "0"),
                  ElementsAre("event_type", "character varying", "255"),
                  ElementsAre("aggregate_type", "character varying", "100"),
                  ElementsAre("aggregate_id", "uuid", "0"), ElementsAre("payload", "jsonb", "0"),
                  ElementsAre("metadata", "jsonb", "0"),
                  ElementsAre("created_at", "timestamp without time zone", "0"),
                  ElementsAre("version", "integer", "0")));
  EXPECT_THAT(database_.sql("SELECT * FROM mcp_documents.events ORDER BY created_at"),
              ElementsAre(ElementsAre("00000000-0000-0000-0000-000000000001", "agent.changed",
                                      "agent", "550e8400-e29b-41d4-a716-446655440000",
                                      R"({"name": "x"})", "{}", "2026-11-01 00:00:01", "3"),
                          ElementsAre("NULL", "agent.changed", long_type.substr(0, 100), "NULL",
                                      "{}", "{}", "2026-11-01 00:00:02", "2")));
}

// As the dialect's own reader is shown it (protocol/json/platform_version.h).
TEST_F(EventTablesTest, ThePlatformsVersionIsAlwaysANumber) {
  begin();
  const std::vector<std::pair<const char*, std::string>> versions = {{"1", "1"},
                                                                     {"7", "7"},
                                                                     {"2147483647", "2147483647"},
                                                                     {"2147483648", "1"},
                                                                     {R"("2.0")", "2"},
                                                                     {R"("v2")", "1"},
                                                                     {R"("007-beta")", "7"},
                                                                     {R"("0")", "1"},
                                                                     {R"("\"")", "1"},
                                                                     {"9223372036854775807", "1"}};
  std::vector<EventView> events;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    events.push_back(event_at(i + 1, "a-1", i + 1));
    events.back().schema_version = versions[i].first;
  }
  post(events);
  const auto rows = database_.sql("SELECT version FROM mcp_documents.events ORDER BY created_at");
  ASSERT_EQ(versions.size(), rows.size());
  for (std::size_t i = 0; i < versions.size(); ++i)
    EXPECT_EQ(versions[i].second, rows[i][0]) << versions[i].first;
}

TEST_F(EventTablesTest, ThePlatformsOwnTableIsLeftAlone) {
  database_.sql("CREATE SCHEMA mcp_documents; CREATE TABLE mcp_documents.events (id uuid)");
  begin();
  EXPECT_EQ("r",
            value("SELECT relkind FROM pg_class WHERE oid = 'mcp_documents.events'::regclass"));
}

TEST(EventTables, WorkWithoutThePlatformsSchemaWhereItMayNotBeMade) {
  ProjectedDatabase database(ProjectedDatabase::User::owner_of_the_schema);
  ASSERT_DONE(database.create(1));
  ASSERT_DONE(database.show(1));
  ASSERT_DONE(database.begin_session(1));
  const std::vector<EventView> page{event_at(1, "a-1", 1)};
  ASSERT_DONE(database.post(1, {page, {}}));
  EXPECT_EQ("1", database.value("SELECT count(*) FROM daybook.events"));
  EXPECT_EQ("t", database.value("SELECT to_regnamespace('mcp_documents') IS NULL"));
}

TEST(EventTables, SayWhichPartCannotBeHeld) {
  const auto tables = make_event_tables();
  EventView event = event_at(1, "a-1", 1);
  EXPECT_EQ("", tables->refusal(event));
  event.metadata = R"({"a":"\u0000"})";
  EXPECT_EQ("metadata: \\u0000 at byte 6", tables->refusal(event));
  event.payload = "1e131072";
  EXPECT_EQ("payload: a number outside of numeric's range at byte 0", tables->refusal(event));
}

}  // namespace
}  // namespace daybook::postgres
