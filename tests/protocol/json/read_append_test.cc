// The three forms of an append's body, its conditions and its commit.
#include "protocol/json/read_append.h"

#include <gtest/gtest.h>

namespace daybook::json {
namespace {

std::string event(const std::string& id, const std::string& more = "") {
  return R"({"event_type":"t","aggregate_type":"a","aggregate_id":")" + id + '"' +
         (more.empty() ? "" : "," + more) + "}";
}

std::string refusal(const std::string& body, const Limits& limits = {}) {
  const auto append = read_append(body, limits);
  if (append) return "accepted";
  return std::string(name(append.error().code)) + " " + append.error().pointer;
}

TEST(ReadAppend, TakesOneEventAnArrayAndAnEnvelope) {
  const auto one = read_append(event("1"), Limits{});
  const auto array = read_append(" [" + event("1") + " , " + event("2") + "] ", Limits{});
  const auto envelope =
      read_append("{\"commit\":null,\"ev\\u0065nts\":[" + event("3") + "]}", Limits{});
  ASSERT_TRUE(one && array && envelope);
  EXPECT_EQ(1U, one->events.size());
  ASSERT_EQ(2U, array->events.size());
  EXPECT_EQ("2", array->events[1].aggregate_id);
  ASSERT_EQ(1U, envelope->events.size());
  EXPECT_EQ("3", envelope->events[0].aggregate_id);
  EXPECT_FALSE(envelope->commit);
  EXPECT_EQ("", one->id_space);
}

TEST(ReadAppend, DraftsSurviveTheMoveOfTheirAppend) {
  auto read = read_append("[" + event("first") + "," + event("\\u0073econd") + "]", Limits{});
  ASSERT_TRUE(read);
  const Append moved = std::move(*read);
  EXPECT_EQ("first", moved.events[0].aggregate_id);
  EXPECT_EQ("second", moved.events[1].aggregate_id);
}

TEST(ReadAppend, TakesConditionsAndACommit) {
  const auto append = read_append(
      "{\"events\":[" + event("1") +
          R"(],"conditions":[{"aggregate_type":"agent","aggregate_id":"a-1","sequence":7},
          {"fail_if_match":{"items":[{"types":["seat.reserved"],"tags":["seat:12A"]}]},"after":41},
          {"fail_if_match":{"event_types":["a.*"]}}],
          "commit":{"group":"billing","offset":41,"generation":3}})",
      Limits{});
  ASSERT_TRUE(append) << append.error().detail << append.error().pointer;
  ASSERT_EQ(3U, append->conditions.size());
  const auto& aggregate = std::get<AggregateCheck>(append->conditions[0]);
  EXPECT_EQ("agent", aggregate.aggregate_type);
  EXPECT_EQ("a-1", aggregate.aggregate_id);
  EXPECT_EQ(Sequence{7}, aggregate.sequence);
  const auto& match = std::get<MatchCheck>(append->conditions[1]);
  EXPECT_EQ(Offset{41}, match.after);
  EXPECT_EQ((FilterItem{{"seat.reserved"}, {"seat:12A"}}), match.fail_if_match.items.at(0));
  EXPECT_EQ(Offset{0}, std::get<MatchCheck>(append->conditions[2]).after);
  ASSERT_TRUE(append->commit);
  EXPECT_EQ("billing", append->commit->group);
  EXPECT_EQ(Offset{41}, append->commit->offset);
  EXPECT_EQ(3U, append->commit->generation);
}

TEST(ReadAppend, PointsAtTheEventThatIsWrong) {
  const std::string wrong = R"({"event_type":"t","aggregate_type":"a"})";
  EXPECT_EQ("missing_member /aggregate_id", refusal(wrong));
  EXPECT_EQ("missing_member /1/aggregate_id", refusal("[" + event("1") + "," + wrong + "]"));
  EXPECT_EQ("missing_member /events/1/aggregate_id",
            refusal("{\"events\":[" + event("1") + "," + wrong + "]}"));
  EXPECT_EQ("bad_value /0", refusal("[5]"));
  EXPECT_EQ("bad_value ", refusal("5"));
  EXPECT_EQ("bad_value /events", refusal(R"({"events":{}})"));
}

TEST(ReadAppend, RefusesEmptyBatches) {
  EXPECT_EQ("empty_batch ", refusal("[]"));
  EXPECT_EQ("empty_batch /events", refusal(R"({"events":[]})"));
  EXPECT_EQ("missing_member /events", refusal(R"({"events":null})"));
}

TEST(ReadAppend, RefusesUnknownAndRepeatedMembersOfTheEnvelope) {
  const std::string events = "\"events\":[" + event("1") + "]";
  EXPECT_EQ("unknown_member /event_type", refusal("{" + events + ",\"event_type\":\"t\"}"));
  EXPECT_EQ("duplicate_member /events", refusal("{" + events + "," + events + "}"));
  EXPECT_EQ("missing_member /ack/group", refusal("{" + events + ",\"ack\":{}}"));
}

TEST(ReadAppend, RefusesBadConditionsAndCommits) {
  const auto with = [](const std::string& more) {
    return refusal("{\"events\":[" + event("1") + "]," + more + "}");
  };
  EXPECT_EQ("bad_value /conditions", with(R"("conditions":{})"));
  EXPECT_EQ("missing_member /conditions/0/aggregate_type", with(R"("conditions":[{}])"));
  EXPECT_EQ("missing_member /conditions/0/sequence",
            with(R"("conditions":[{"aggregate_type":"a","aggregate_id":"1"}])"));
  EXPECT_EQ("missing_member /conditions/0/fail_if_match", with(R"("conditions":[{"after":1}])"));
  EXPECT_EQ("unknown_member /conditions/0/sequence",
            with(R"("conditions":[{"fail_if_match":{},"sequence":1}])"));
  EXPECT_EQ("unknown_member /conditions/0/fail_if_match/items/0/type",
            with(R"("conditions":[{"fail_if_match":{"items":[{"type":[]}]}}])"));
  EXPECT_EQ("missing_member /commit/offset", with(R"("commit":{"group":"g"})"));
  EXPECT_EQ("bad_value /commit/offset", with(R"("commit":{"group":"g","offset":-1})"));
  EXPECT_EQ("unknown_member /commit/member",
            with(R"("commit":{"group":"g","offset":1,"member":"m"})"));
}

TEST(ReadAppend, RefusesAnIdGivenTwice) {
  const auto body = "[" + event("1", R"("id":"x")") + "," + event("2") + "," +
                    event("3", R"("id":"\u0078")") + "]";
  EXPECT_EQ("duplicate_id /2/id", refusal(body));
  EXPECT_EQ("duplicate_id /events/2/id", refusal("{\"events\":" + body + "}"));
}

TEST(ReadAppend, TakesAnExpectedSequenceOnAnAggregatesFirstEventOnly) {
  const std::string expects = R"("expected_sequence":3)";
  EXPECT_EQ("accepted", refusal("[" + event("1") + "," + event("2", expects) + "]"));
  EXPECT_EQ("accepted", refusal("[" + event("1", expects) + "," + event("1") + "]"));
  EXPECT_EQ("bad_value /1/expected_sequence",
            refusal("[" + event("1") + "," + event("1", expects) + "]"));
}

TEST(ReadAppend, BoundsTheBatchAndTheDepth) {
  Limits limits;
  limits.batch_events_max = 2;
  const std::string two = event("1") + "," + event("2");
  EXPECT_EQ("accepted", refusal("[" + two + "]", limits));
  EXPECT_EQ("limit_exceeded /events",
            refusal("{\"events\":[" + two + "," + event("3") + "]}", limits));
  limits.json_depth_max = 3;
  EXPECT_EQ("accepted", refusal(event("1", R"("payload":[[]])"), limits));
  EXPECT_EQ("limit_exceeded ", refusal(event("1", R"("payload":[[[]]])"), limits));
}

TEST(ReadAppend, SaysWhereTheJsonBroke) {
  const auto append = read_append(R"({"event_type":})", Limits{});
  EXPECT_EQ(Errc::bad_json, append.error().code);
  EXPECT_EQ("invalid JSON at byte 14: a value was expected", append.error().detail);
  EXPECT_EQ("bad_json ", refusal(""));
  EXPECT_EQ("bad_json ", refusal(R"({"unknown":1,"payload":bogus})"));
  EXPECT_EQ("bad_json ", refusal("{\"event_type\":\"\xFF\"}"));
}

}  // namespace
}  // namespace daybook::json
