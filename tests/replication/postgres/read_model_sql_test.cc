// The statements of a read model, word for word.
#include "replication/postgres/read_model_sql.h"

#include <gtest/gtest.h>

#include "protocol/json/read_projection.h"

namespace daybook::postgres {
namespace {

// Columns of every type; `rule` is the one rule.
ReadModel model_of(const std::string& rule, const std::string& table = "reports.agents") {
  const auto model = json::read_projection(
      R"({"name":"agents","table":")" + table +
      R"(","columns":{"id":"text","at":"timestamptz",)"
      R"("s":"text","n":"bigint","i":"integer","x":"numeric","d":"double precision",)"
      R"("b":"boolean","u":"uuid","j":"jsonb","day":"date"},)"
      R"("key":{"id":"/aggregate_id","at":{"from":"/recorded_at","truncate":"hour"}},)"
      R"("on":[)" +
      rule + "]}");
  return model ? *model : throw std::runtime_error(model.error().detail);
}

RuleStatement statement_of(const std::string& members) {
  const ReadModel model = model_of(R"({"event_type":"e")" + members + "}");
  return rule_statement(model, model.rules.front(), 3);
}

// What follows the key's columns in an upsert.
std::string updates_of(const std::string& members) {
  const std::string sql = statement_of(members).sql;
  return sql.substr(sql.find("DO "));
}
std::string inserted(const std::string& column, const std::string& value) {
  const std::string sql = statement_of(R"(,"set":{")" + column + "\":" + value + "}").sql;
  constexpr std::string_view kBefore = "'UTC'), ";
  const std::size_t begin = sql.find(kBefore) + kBefore.size();
  return sql.substr(begin, sql.find(") ON CONFLICT") - begin);
}
std::string shown(const std::vector<Slot>& slots) {
  static constexpr std::string_view kAs[] = {"text", "number", "time", "json", "present"};
  std::string out;
  for (const Slot& slot : slots)
    out += slot.pointer + ' ' + std::string(kAs[static_cast<std::size_t>(slot.as)]) +
           (slot.required ? " required;" : ";");
  return out;
}

TEST(ReadModelSql, AnUpsertMakesTheRowOrChangesIt) {
  const RuleStatement statement = statement_of(
      R"(,"set":{"s":"/payload/s","u":"/id"},"increment":{"n":1},"max":{"x":"/payload/x"},)"
      R"("min":{"day":"/occurred_at"})");
  EXPECT_EQ(R"(INSERT INTO "reports"."agents_g3" AS t ("id", "at", "s", "u", "n", "x", "day") )"
            R"(VALUES ($1::text::text, date_trunc('hour', $2::text::timestamptz, 'UTC'), )"
            R"($3::text::text, $5::text::uuid, coalesce('1'::bigint, 0), $6::text::numeric, )"
            R"($7::text::timestamptz::date) ON CONFLICT ("id", "at") DO UPDATE SET )"
            R"("s" = CASE WHEN $4::text::boolean THEN EXCLUDED."s" ELSE t."s" END, )"
            R"("u" = EXCLUDED."u", "n" = coalesce(t."n", 0) + EXCLUDED."n", )"
            R"("x" = greatest(t."x", EXCLUDED."x"), "day" = least(t."day", EXCLUDED."day"))",
            statement.sql);
  EXPECT_EQ(
      "/aggregate_id text required;/recorded_at time required;/payload/s text;"
      "/payload/s present;/id text;/payload/x number;/occurred_at time;",
      shown(statement.slots));
}

TEST(ReadModelSql, ARuleWithoutChangesMakesTheRow) {
  EXPECT_EQ("DO NOTHING", updates_of(""));
}

TEST(ReadModelSql, ADeleteFindsTheRowByItsKey) {
  const RuleStatement statement = statement_of(R"(,"delete":true)");
  EXPECT_EQ(R"(DELETE FROM "reports"."agents_g3" WHERE "id" = $1::text::text AND )"
            R"("at" = date_trunc('hour', $2::text::timestamptz, 'UTC'))",
            statement.sql);
  EXPECT_EQ("/aggregate_id text required;/recorded_at time required;", shown(statement.slots));
}

TEST(ReadModelSql, ARuleMayHaveAKeyOfItsOwn) {
  const RuleStatement statement =
      statement_of(R"(,"key":{"at":"/payload/at","id":{"value":"all"}},"delete":true)");
  EXPECT_EQ(R"(DELETE FROM "reports"."agents_g3" WHERE "at" = $1::text::timestamptz AND )"
            R"("id" = 'all'::text)",
            statement.sql);
  EXPECT_EQ("/payload/at time required;", shown(statement.slots));
}

TEST(ReadModelSql, EveryTypeIsCastInItsWay) {
  EXPECT_EQ("trim_scale($3::text::numeric)::text::bigint", inserted("n", "\"/payload/n\""));
  EXPECT_EQ("trim_scale($3::text::numeric)::text::integer", inserted("i", "\"/payload/n\""));
  EXPECT_EQ("$3::text::double precision", inserted("d", "\"/payload/n\""));
  EXPECT_EQ("$3::text::boolean", inserted("b", "\"/payload/n\""));
  EXPECT_EQ("$3::text::jsonb", inserted("j", "\"/payload/n\""));
  EXPECT_EQ("date_trunc('month', $2::text::timestamptz, 'UTC')::date",
            inserted("day", R"({"from":"/recorded_at","truncate":"month"})"));
}

TEST(ReadModelSql, ConstantsStandInTheStatement) {
  EXPECT_EQ("'it''s'::text", inserted("s", R"({"value":"it's"})"));
  EXPECT_EQ(R"(E'a\\''b'::text)", inserted("s", R"({"value":"a\\'b"})"));
  EXPECT_EQ(R"('"x"'::jsonb)", inserted("j", R"({"value":"x"})"));
  EXPECT_EQ("'-9223372036854775808'::bigint", inserted("n", "-9223372036854775808"));
  EXPECT_EQ("'false'::boolean", inserted("b", "false"));
  EXPECT_EQ("NULL::uuid", inserted("u", "{}"));
  EXPECT_EQ(R"(DO UPDATE SET "u" = EXCLUDED."u")", updates_of(R"(,"set":{"u":null})"));
}

TEST(ReadModelSql, ATableHasItsKeyItsCountersAndItsMark) {
  const ReadModel model = model_of(R"({"event_type":"e","increment":{"n":1}})", "it's");
  EXPECT_EQ(R"(CREATE TABLE "public"."it's_g7" ("id" text, "at" timestamptz, "s" text, )"
            R"("n" bigint DEFAULT 0, "i" integer, "x" numeric, "d" double precision, "b" boolean, )"
            R"("u" uuid, "j" jsonb, "day" date, PRIMARY KEY ("id", "at")); )"
            R"(COMMENT ON TABLE "public"."it's_g7" IS 'Kept by Daybook: projection agents')",
            create_table_sql(model, 7));
  EXPECT_EQ(
      R"(CREATE OR REPLACE VIEW "public"."it's" AS SELECT "id", "at", "s", "n", "i", "x", "d", )"
      R"("b", "u", "j", "day" FROM "public"."it's_g7")",
      create_view_sql(model, 7));
}

TEST(ReadModelSql, NamesAreQuotedWhateverTheyHold) {
  EXPECT_EQ(R"("a""b")", quoted_identifier("a\"b"));
  EXPECT_EQ(R"("a\b'c")", quoted_identifier("a\\b'c"));
}

}  // namespace
}  // namespace daybook::postgres
