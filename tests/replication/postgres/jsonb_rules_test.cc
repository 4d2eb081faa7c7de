#include "replication/postgres/jsonb_rules.h"

#include <gtest/gtest.h>

#include "protocol/json/minify.h"
#include "tests/replication/postgres/projected_database.h"
#include "tests/replication/postgres/strange_json.h"

namespace daybook::postgres {
namespace {

std::string digits(std::size_t count) {
  return std::string(count, '7');
}

TEST(JsonbRules, OrdinaryJsonIsHeld) {
  for (const char* json :
       {"0", "-0", "\"\"", "{}", "[]", "null", "true", R"({"a":[1,2.5,-3e10,1E-5,"1e999999"]})",
        R"("\n\u00e9\ud83d\ude00\uD83D\uDE00")", R"("\\u0000 \\ud800")", R"({"a":1,"a":2})",
        "\"a text that is longer than sixteen bytes, é\\\\\""})
    EXPECT_EQ("", jsonb_refusal(json)) << json;
}

TEST(JsonbRules, WhatIsNoCharacterIsFound) {
  EXPECT_EQ("\\u0000 at byte 6", jsonb_refusal(R"({"a":"\u0000"})"));
  EXPECT_EQ("\\u0000 at byte 2", jsonb_refusal(R"({"\u0000":1})"));
  EXPECT_EQ("\\u0000 at byte 18", jsonb_refusal(R"("seventeen bytes..\u0000")"));
  const std::string alone = "an escaped surrogate without its other half at byte ";
  EXPECT_EQ(alone + "1", jsonb_refusal(R"("\ud800")"));
  EXPECT_EQ(alone + "1", jsonb_refusal(R"("\uDFFF")"));
  EXPECT_EQ(alone + "1", jsonb_refusal(R"("\ud800\ud800\udc00")"));
  EXPECT_EQ(alone + "13", jsonb_refusal(R"("\ud800\udc00\udc00")"));
  EXPECT_EQ(alone + "1", jsonb_refusal(R"("\ud800x")"));
  EXPECT_EQ(alone + "1", jsonb_refusal(R"("\ud800\n")"));
  EXPECT_EQ(alone + "2", jsonb_refusal(R"(["\ud800","\udc00"])"));
}

TEST(JsonbRules, NumbersEndWhereNumericEnds) {
  const std::string held[] = {
      digits(131'072), "0." + digits(16'383), "1e131071",          "0.001e131074",
      "1e-16383",      "0e1073741822",        "-0.0e+00000000005", "0." + std::string(16'383, '0')};
  for (const std::string& number : held)
    EXPECT_EQ("", jsonb_refusal('[' + number + ']')) << number.substr(0, 30);

  const std::string refused[] = {digits(131'073),
                                 "0." + digits(16'384),
                                 "1e131072",
                                 "0.001e131075",
                                 "1.0e-16383",
                                 "10e-16384",
                                 "0e-16384",
                                 "0e1073741823",
                                 "0e-1073741823",
                                 "1e+9999999999",
                                 "-0E99999999999999999999"};
  for (const std::string& number : refused)
    EXPECT_EQ("a number outside of numeric's range at byte 1", jsonb_refusal('[' + number + ']'))
        << number.substr(0, 30);
}

class JsonbRulesAndTheServer : public testing::Test {
 protected:
  JsonbRulesAndTheServer() {
    database_.sql(
        R"(CREATE FUNCTION refuses(json text) RETURNS boolean LANGUAGE plpgsql AS $$
           BEGIN PERFORM json::jsonb; RETURN false;
           EXCEPTION WHEN others THEN RETURN true; END $$)");
  }

  // The server's own word on each, in one statement.
  std::vector<bool> refused_by_the_server(const std::vector<std::string>& documents) {
    std::string values;
    for (std::size_t i = 0; i < documents.size(); ++i)
      values +=
          (i == 0 ? "(" : ",(") + std::to_string(i) + ",$strange$" + documents[i] + "$strange$)";
    std::vector<bool> refused;
    for (const auto& row : database_.sql("SELECT refuses(json) FROM (VALUES " + values +
                                         ") AS t (n, json) ORDER BY n"))
      refused.push_back(row[0] == "t");
    return refused;
  }

  ProjectedDatabase database_;
};

bool is_minified_json(const std::string& json) {
  std::string minified(json.size(), '\0');
  const auto done = json::minify(json, minified.data(), json::minify_depth_max);
  return done.broken == json::Broken::nothing && done.size == json.size();
}

// Neither too much is refused nor too little, and what is let through is copied in one page.
TEST_F(JsonbRulesAndTheServer, AgreeOnTenThousandStrangeDocuments) {
  StrangeJson strange(20261121);
  std::vector<std::string> documents(10'000);
  for (std::string& json : documents) json = strange.next();
  const std::vector<bool> theirs = refused_by_the_server(documents);
  ASSERT_EQ(documents.size(), theirs.size());
  std::vector<EventView> events;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    ASSERT_TRUE(is_minified_json(documents[i])) << documents[i].substr(0, 300);
    const std::string why = jsonb_refusal(documents[i]);
    EXPECT_EQ(theirs[i], !why.empty()) << why << ": " << documents[i].substr(0, 300);
    if (!why.empty()) continue;
    events.push_back(event_at(i + 1, "a-1", i + 1));
    events.back().payload = documents[i];
  }
  EXPECT_GT(events.size(), 3000U);
  EXPECT_LT(events.size(), 7000U);

  ASSERT_TRUE(database_.create(1));
  ASSERT_TRUE(database_.begin_session(1));
  const auto posted = database_.post(1, {events, {}});
  ASSERT_TRUE(posted) << posted.error().text;
  EXPECT_EQ(std::to_string(events.size()),
            database_.value("SELECT count(*) FROM daybook.events_g1"));
}

// The header says that these are out of reach of what the log takes: here is the worst of it.
TEST_F(JsonbRulesAndTheServer, NeitherSizeNorDepthIsALimit) {
  const std::string members = R"('{' || string_agg('"' || to_hex(i) || '":0', ',') || '}')";
  const std::string worst[] = {
      "'[' || repeat('0,', (1 << 23) - 1) || '0]'",
      "'\"' || repeat('x', (1 << 24) - 2) || '\"'",
      "(SELECT " + members + " FROM generate_series(1, 1600000) AS i)",
      "repeat('[{\"\":', 512) || '0' || repeat('}]', 512)",
  };
  for (const std::string& text : worst)
    EXPECT_EQ("f", database_.value("SELECT refuses(" + text + ")")) << text;
}

}  // namespace
}  // namespace daybook::postgres
