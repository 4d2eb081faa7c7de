#include "protocol/json/read_replay.h"

#include <gtest/gtest.h>

namespace daybook::json {
namespace {

std::string refusal(const std::string& body) {
  const auto read = read_replay(body, Limits{});
  if (read) return "accepted";
  return std::string(name(read.error().code)) + " " + read.error().pointer;
}

TEST(ReadReplay, IsOfTheWholeLogByDefault) {
  const auto create = read_replay(R"({"group":null})", Limits{});
  EXPECT_EQ("", create->group);
  EXPECT_TRUE(create->filter.asks_nothing());
  EXPECT_TRUE(std::holds_alternative<FromBeginning>(create->from));
  EXPECT_TRUE(std::holds_alternative<FromHead>(create->to));
}

TEST(ReadReplay, EndsAreOffsetsOrTimes) {
  const auto create = read_replay(
      R"({"group":"g","filter":{"tags":["t"]},"from":3,"to":"1970-01-01T00:00:01Z"})", Limits{});
  EXPECT_EQ("g", create->group);
  EXPECT_EQ((std::vector<std::string>{"t"}), create->filter.tags);
  EXPECT_EQ(Offset{3}, std::get<Offset>(create->from));
  EXPECT_EQ(Timestamp{1'000'000}, std::get<Timestamp>(create->to));
}

TEST(ReadReplay, DoesNotEndBeforeItBegins) {
  EXPECT_EQ("accepted", refusal(R"({"from":3,"to":3})"));
  EXPECT_EQ("bad_value /from", refusal(R"({"from":4,"to":3})"));
  const std::string later = "\"1970-01-01T00:00:02Z\"";
  const std::string sooner = "\"1970-01-01T00:00:01Z\"";
  EXPECT_EQ("accepted", refusal("{\"from\":" + sooner + ",\"to\":" + later + "}"));
  EXPECT_EQ("bad_value /from", refusal("{\"from\":" + later + ",\"to\":" + sooner + "}"));
}

TEST(ReadReplay, RefusesWhatIsWrong) {
  for (const std::string wrong : {"0", "-1", "1.5", "\"soon\"", "true", "{\"after\":1}"}) {
    EXPECT_EQ("bad_value /from", refusal("{\"from\":" + wrong + "}")) << wrong;
    EXPECT_EQ("bad_value /to", refusal("{\"to\":" + wrong + "}")) << wrong;
  }
  EXPECT_EQ("bad_value /group", refusal(R"({"group":""})"));
  EXPECT_EQ("unknown_member /filter/x", refusal(R"({"filter":{"x":1}})"));
  EXPECT_EQ("unknown_member /until", refusal(R"({"until":1})"));
}

}  // namespace
}  // namespace daybook::json
