// Filters and queries.
#include "protocol/json/read_query.h"

#include <gtest/gtest.h>

namespace daybook::json {
namespace {

std::string refusal(const std::string& body) {
  const auto query = read_query(body, Limits{});
  if (query) return "accepted";
  return std::string(name(query.error().code)) + " " + query.error().pointer;
}

TEST(ReadQuery, TakesEveryMember) {
  const auto query = read_query(
      R"({"aggregate_type":"a","aggregate_id":"1","event_types":["x","y.*"],"tags":["t"],
          "correlation_id":"c","causation_id":"k",
          "items":[{"event_types":["e"]},{"types":["f"],"tags":[]}],
          "after":41,"limit":10000})",
      Limits{});
  ASSERT_TRUE(query) << query.error().detail;
  EXPECT_EQ((Filter{"a", "1", {"x", "y.*"}, {"t"}, "c", "k", {{{"e"}, {}}, {{"f"}, {}}}}),
            query->filter);
  EXPECT_EQ(Offset{41}, query->after);
  EXPECT_EQ(10'000U, query->limit);
}

TEST(ReadQuery, AsksNothingByDefault) {
  const auto query = read_query(R"({"items":null})", Limits{});
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->filter.asks_nothing());
  EXPECT_EQ(Offset{0}, query->after);
  EXPECT_EQ(100U, query->limit);
}

TEST(ReadQuery, RefusesWhatIsWrong) {
  EXPECT_EQ("bad_value /limit", refusal(R"({"limit":0})"));
  EXPECT_EQ("bad_value /limit", refusal(R"({"limit":10001})"));
  EXPECT_EQ("bad_value /after", refusal(R"({"after":"head"})"));
  EXPECT_EQ("bad_value /after", refusal(R"({"after":9223372036854775808})"));
  EXPECT_EQ("unknown_member /event_type", refusal(R"({"event_type":"x"})"));
  EXPECT_EQ("bad_value /event_types/1", refusal(R"({"event_types":["x",""]})"));
  EXPECT_EQ("bad_value /items/0", refusal(R"({"items":[[]]})"));
  EXPECT_EQ("duplicate_member /items/0/types",
            refusal(R"({"items":[{"event_types":[],"types":[]}]})"));
  EXPECT_EQ("bad_value ", refusal("[]"));
}

TEST(ReadQuery, ItsListsAreBounded) {
  const auto list = [](std::size_t count, const std::string& element) {
    std::string all = element;
    while (--count > 0) all += "," + element;
    return "[" + all + "]";
  };
  const std::size_t max = limits::filter_names_max;
  EXPECT_EQ("accepted", refusal(R"({"event_types":)" + list(max, R"("x")") + "}"));
  EXPECT_EQ("accepted", refusal(R"({"items":)" + list(max, "{}") + "}"));
  EXPECT_EQ("limit_exceeded /event_types",
            refusal(R"({"event_types":)" + list(max + 1, R"("x")") + "}"));
  EXPECT_EQ("limit_exceeded /tags", refusal(R"({"tags":)" + list(max + 1, R"("x")") + "}"));
  EXPECT_EQ("limit_exceeded /items", refusal(R"({"items":)" + list(max + 1, "{}") + "}"));
  EXPECT_EQ("limit_exceeded /items/0/types",
            refusal(R"({"items":[{"types":)" + list(max + 1, R"("x")") + "}]}"));
}

TEST(ReadFilter, HasNoPlaceAndNoLimit) {
  EXPECT_EQ((Filter{.tags = {"t"}}), *read_filter(R"({"tags":["t"]})", Limits{}));
  EXPECT_EQ("/after", read_filter(R"({"after":1})", Limits{}).error().pointer);
}

}  // namespace
}  // namespace daybook::json
