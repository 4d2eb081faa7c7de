// Bodies that choose dead letters.
#include "protocol/json/read_dead_letters.h"

#include <gtest/gtest.h>

namespace daybook::json {
namespace {

std::string refusal(const std::string& body) {
  const auto read = read_dead_letter_change(body, Limits{});
  if (read) return "accepted";
  return std::string(name(read.error().code)) + " " + read.error().pointer;
}

std::vector<Offset> offsets_of(const std::string& body) {
  return std::get<std::vector<Offset>>(read_dead_letter_change(body, Limits{})->choice);
}

TEST(ReadDeadLetters, OffsetsComeInOrderOnceAndAboveAfter) {
  EXPECT_EQ((std::vector<Offset>{{3}, {7}, {9}}), offsets_of(R"({"offsets":[9,3,7,3]})"));
  EXPECT_EQ((std::vector<Offset>{{9}}), offsets_of(R"({"after":7,"offsets":[9,3,7,3]})"));
  EXPECT_EQ((std::vector<Offset>{{9}}), offsets_of(R"({"offsets":[9,3,7,3],"after":7})"));
}

TEST(ReadDeadLetters, AFilterMayGoOnAfterAnOffset) {
  const auto change = read_dead_letter_change(R"({"filter":{"tags":["t"]},"after":5})", Limits{});
  EXPECT_EQ((std::vector<std::string>{"t"}), std::get<Filter>(change->choice).tags);
  EXPECT_EQ(Offset{5}, change->after);
  EXPECT_TRUE(
      std::get<Filter>(read_dead_letter_change(R"({"filter":{},"offsets":null})", Limits{})->choice)
          .asks_nothing());
}

TEST(ReadDeadLetters, EitherOffsetsOrAFilterAreNeeded) {
  EXPECT_EQ("missing_member /offsets", refusal("{}"));
  EXPECT_EQ("missing_member /offsets", refusal(R"({"after":5,"filter":null})"));
  EXPECT_EQ("bad_value /filter", refusal(R"({"offsets":[1],"filter":{}})"));
  EXPECT_EQ("bad_value /offsets", refusal(R"({"filter":{},"offsets":[1]})"));
}

TEST(ReadDeadLetters, RefusesWhatIsWrong) {
  EXPECT_EQ("bad_value /offsets", refusal(R"({"offsets":[]})"));
  EXPECT_EQ("bad_value /offsets", refusal(R"({"offsets":7})"));
  EXPECT_EQ("bad_value /offsets/1", refusal(R"({"offsets":[1,"2"]})"));
  EXPECT_EQ("bad_value /after", refusal(R"({"filter":{},"after":-1})"));
  EXPECT_EQ("unknown_member /filter/x", refusal(R"({"filter":{"x":1}})"));
  EXPECT_EQ("unknown_member /x", refusal(R"({"x":1})"));
  std::string many = "1";
  for (std::size_t i = 1; i < choice_offsets_max; ++i) many += ",1";
  EXPECT_EQ("accepted", refusal("{\"offsets\":[" + many + "]}"));
  EXPECT_EQ("limit_exceeded /offsets", refusal("{\"offsets\":[" + many + ",1]}"));
}

TEST(ReadDeadLetters, AChoiceOfOffsetsMayNameNone) {
  EXPECT_EQ((std::vector<Offset>{{0}, {3}, {9}}),
            *read_offset_choice(R"({"offsets":[9,3,0,3]})", Limits{}));
  EXPECT_TRUE(read_offset_choice("{}", Limits{})->empty());
  const auto wrong = read_offset_choice(R"({"offsets":[1,-1]})", Limits{});
  ASSERT_FALSE(wrong);
  EXPECT_EQ("/offsets/1", wrong.error().pointer);
}

}  // namespace
}  // namespace daybook::json
