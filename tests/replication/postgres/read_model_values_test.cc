// What an event gives a statement, and what it is refused for.
#include "replication/postgres/read_model_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace daybook::postgres {
namespace {

using As = Slot::As;
using ::testing::ElementsAre;

constexpr std::string_view kEvent =
    R"({"payload":{"s":"a\"\u00e9","n":1.50,"b":false,"o":{"a":[1,"x"]},"z":null,"nul":"\u0000",)"
    R"("half":"\ud800","nan":"NaN","inf":"-Infinity","at":"2026-01-24T10:00:00Z","now":"now",)"
    R"("empty":""}})";

// The one parameter, "NULL", or "refused: …".
std::string given(const std::string& member, As as, bool required = false) {
  const RuleValues values({{"/payload/" + member, as, required}});
  std::vector<Parameter> parameters;
  const std::string refusal = values.fill(kEvent, parameters);
  if (!refusal.empty()) return "refused: " + refusal;
  return parameters.at(0).value_or("NULL");
}

TEST(ReadModelValues, TextIsDecodedAndTheRestIsAsItIs) {
  EXPECT_EQ("a\"é", given("s", As::text));
  EXPECT_EQ("1.50", given("n", As::text));
  EXPECT_EQ("1.50", given("n", As::number));
  EXPECT_EQ("false", given("b", As::text));
  EXPECT_EQ(R"({"a":[1,"x"]})", given("o", As::text));
  EXPECT_EQ(R"({"a":[1,"x"]})", given("o", As::json));
  EXPECT_EQ(R"("a\"\u00e9")", given("s", As::json));
  EXPECT_EQ("x", given("o/a/1", As::text));
  EXPECT_EQ("2026-01-24T10:00:00Z", given("at", As::time));
  EXPECT_EQ("", given("empty", As::text));
}

TEST(ReadModelValues, MissingAndNullAreNullButNotTheSame) {
  for (const As as : {As::text, As::number, As::time, As::json}) {
    EXPECT_EQ("NULL", given("missing", as));
    EXPECT_EQ("NULL", given("z", as));
  }
  EXPECT_EQ("f", given("missing", As::present));
  EXPECT_EQ("t", given("z", As::present));
}

TEST(ReadModelValues, AKeyIsNeverNull) {
  EXPECT_EQ("refused: /payload/missing is missing or null, and says which row it is",
            given("missing", As::text, true));
  EXPECT_EQ("refused: /payload/z is missing or null, and says which row it is",
            given("z", As::text, true));
  EXPECT_EQ("", given("empty", As::text, true));
}

TEST(ReadModelValues, WhatPostgresqlCannotHoldIsRefused) {
  for (const std::string member : {"nul", "half"})
    EXPECT_EQ("refused: /payload/" + member +
                  " has \\u0000 or half of a surrogate pair, which PostgreSQL cannot hold",
              given(member, As::text));
  EXPECT_EQ(R"(refused: /payload/nul has \u0000 at byte 1)", given("nul", As::json));
}

TEST(ReadModelValues, WordsAreNeitherNumbersNorTimes) {
  EXPECT_EQ("refused: /payload/nan is no number", given("nan", As::number));
  EXPECT_EQ("refused: /payload/inf is no number", given("inf", As::number));
  for (const std::string member : {"now", "inf", "empty"})
    EXPECT_EQ("refused: /payload/" + member + " is no time", given(member, As::time));
}

TEST(ReadModelValues, ParametersStandInTheOrderOfTheSlots) {
  const RuleValues values({{"/payload/n", As::number}, {"/payload/z"}, {"/payload/b"}});
  std::vector<Parameter> parameters{"left over"};
  EXPECT_EQ("", values.fill(kEvent, parameters));
  EXPECT_THAT(parameters, ElementsAre("1.50", std::nullopt, "false"));
}

}  // namespace
}  // namespace daybook::postgres
