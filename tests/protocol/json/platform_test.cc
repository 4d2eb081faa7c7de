// The Platform dialect: what it takes, its words for what is wrong, its event.
#include "protocol/json/platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace daybook::json {
namespace {

const std::string kUuid = "550e8400-e29b-41d4-a716-446655440000";

std::string body(const std::string& more, const std::string& id = kUuid) {
  return R"({"event_type":"agent.created","aggregate_type":"agent","aggregate_id":")" + id + '"' +
         (more.empty() ? "" : "," + more) + "}";
}

std::string answer(const PlatformRead& read) {
  if (!read.refusal) return "accepted";
  std::string out;
  append_platform_refusal(out, *read.refusal);
  return out;
}

std::string refusal(const std::string& text, PlatformRules rules = {}) {
  return answer(read_platform_event(text, Limits{}, rules));
}

// The one entry of {"detail":[…]}.
std::string issue(const std::string& more) {
  std::string out = refusal(body(more));
  const std::string begin = R"({"detail":[)";
  if (!out.starts_with(begin)) return out;
  return out.substr(begin.size(), out.size() - begin.size() - 2);
}

TEST(PlatformRead, MakesAnOrdinaryEvent) {
  const auto read = read_platform_event(
      body(R"("payload":{"name":"explore-agent","n":1.0},"metadata":{"correlation_id":"c-4"},
              "version":"7","source":"ignored","id":"ignored")"),
      Limits{}, {});
  ASSERT_FALSE(read.refusal);
  const Draft& draft = read.append.events.at(0);
  EXPECT_EQ("agent.created", draft.event_type);
  EXPECT_EQ("agent", draft.aggregate_type);
  EXPECT_EQ(kUuid, draft.aggregate_id);
  EXPECT_EQ("", draft.id);
  EXPECT_EQ("7", draft.schema_version);
  EXPECT_EQ(R"({"name":"explore-agent","n":1.0})", draft.payload);
  EXPECT_EQ("c-4", draft.correlation_id);
}

TEST(PlatformRead, TakesTheLastOfRepeatedMembers) {
  const auto read = read_platform_event(
      body(R"("version":1.5,"payload":{"a":1},"payload":{"b":2},"\u0076ersion":2)"), Limits{}, {});
  ASSERT_FALSE(read.refusal);
  EXPECT_EQ(R"({"b":2})", read.append.events.at(0).payload);
  EXPECT_EQ("2", read.append.events.at(0).schema_version);
}

TEST(PlatformRead, TakesTheTimestampOfAMessageWhereTheRulesSaySo) {
  const std::string text = body(R"("timestamp":"2026-11-20T22:04:51.450839")");
  const auto read = read_platform_event(text, Limits{}, {.timestamp = true});
  ASSERT_FALSE(read.refusal);
  EXPECT_EQ(parse_rfc3339("2026-11-20T22:04:51.450839Z"), read.append.events.at(0).occurred_at);
  EXPECT_FALSE(read_platform_event(text, Limits{}, {}).append.events.at(0).occurred_at);
  const auto none = read_platform_event(body(R"("timestamp":null)"), Limits{}, {.timestamp = true});
  ASSERT_FALSE(none.refusal);
  EXPECT_FALSE(none.append.events.at(0).occurred_at);
  for (const char* wrong : {R"("timestamp":"yesterday")", R"("timestamp":5)"})
    EXPECT_THAT(refusal(body(wrong), {.timestamp = true}),
                testing::HasSubstr(R"("loc":["body","timestamp"])"));
}

TEST(PlatformRead, NormalisesUuids) {
  for (const std::string& id :
       {std::string("550E8400-E29B-41D4-A716-446655440000"),
        std::string("550e8400e29b41d4a716446655440000"), "urn:uuid:" + kUuid, "{" + kUuid + "}"}) {
    const auto read = read_platform_event(body("", id), Limits{}, {});
    ASSERT_FALSE(read.refusal) << id;
    EXPECT_EQ(kUuid, read.append.events.at(0).aggregate_id);
  }
}

TEST(PlatformRead, SaysWhatIsWrongWithAUuid) {
  const std::pair<std::string, std::string> cases[] = {
      {"not-a-uuid", "invalid character: found `n` at 1"},
      {"agent-123", "invalid character: found `g` at 2"},
      {"", "invalid length: expected length 32 for simple format, found 0"},
      {std::string(31, '0'), "invalid length: expected length 32 for simple format, found 31"},
      {"urn:uuid:550e8400e29b41d4a716446655440000", "invalid group count: expected 5, found 1"},
      {"{}", "invalid group count: expected 5, found 1"},
      {"-----", "invalid group count: expected 5, found 6"},
      {"----", "invalid group length in group 0: expected 8, found 0"},
      {"550e8400-e29b-41d4-a71-64466554400000",
       "invalid group length in group 3: expected 4, found 3"},
      {"550e8400-e29b-41d4-a716-44665544000",
       "invalid group length in group 4: expected 12, found 11"},
      {"urn:uuid:550e8400-e29b-41d4-a716-44665544000",
       "invalid group length in group 4: expected 12, found 20"},
      {"{550e8400-e29b-41d4-a716-44665544000}",
       "invalid group length in group 4: expected 12, found 13"},
      {"{" + kUuid, "invalid character: found `{` at 1"},
      {"urn:uuid:xyz", "invalid character: found `x` at 10"},
      {"URN:UUID:" + kUuid, "invalid character: found `U` at 1"},
      {"😀x", "invalid character: found `😀` at 1"}};
  for (const auto& [id, wrong] : cases) EXPECT_EQ(wrong, read_platform_uuid(id).wrong) << id;
}

TEST(PlatformRead, ListsEverythingThatIsMissingInOrder) {
  EXPECT_EQ(
      R"({"detail":[{"type":"missing","loc":["body","event_type"],)"
      R"("msg":"Field required","input":{}},)"
      R"({"type":"missing","loc":["body","aggregate_type"],"msg":"Field required","input":{}},)"
      R"({"type":"missing","loc":["body","aggregate_id"],"msg":"Field required","input":{}}]})",
      refusal("{}"));
  const std::string none =
      R"({"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]})";
  EXPECT_EQ(none, refusal(""));
  EXPECT_EQ(none, refusal("null"));
}

TEST(PlatformRead, SaysWhereTheJsonBroke) {
  EXPECT_EQ(
      R"({"detail":[{"type":"json_invalid","loc":["body",1],"msg":"JSON decode error","input":{},)"
      R"("ctx":{"error":"Expecting property name enclosed in double quotes"}}]})",
      refusal("{bad}"));
  const auto where = [](const std::string& text) {
    const auto read = read_platform_event(text, Limits{}, {});
    const PlatformIssue& wrong = read.refusal->issues.at(0);
    return wrong.ctx + std::to_string(std::get<std::uint64_t>(wrong.loc.at(1)));
  };
  EXPECT_EQ(R"({"error":"Expecting value"}13)", where(R"({"a":"é","b":})"));
  EXPECT_EQ(R"({"error":"Unterminated string starting at"}5)", where(R"({"a":"abc)"));
  EXPECT_EQ(R"({"error":"Invalid \\uXXXX escape"}7)", where(R"({"a":"\u12zz"})"));
  EXPECT_EQ(R"({"error":"Invalid \\escape"}6)", where(R"({"a":"\x"})"));
  EXPECT_EQ(R"({"error":"Expecting value"}11)", where(R"({"payload":NaN})"));
  EXPECT_EQ(R"({"error":"Extra data"}2)", where("1 2"));
}

TEST(PlatformRead, AnswersBytesThatAreNotUtf8WithABareSentence) {
  const auto read = read_platform_event("{\"a\":\"\xFF\"}", Limits{}, {});
  EXPECT_EQ(400U, read.refusal->status);
  EXPECT_EQ(R"({"detail":"There was an error parsing the body"})", answer(read));
}

TEST(PlatformRead, RefusesBodiesThatAreNoObject) {
  EXPECT_EQ(R"({"detail":[{"type":"model_attributes_type","loc":["body"],)"
            R"("msg":"Input should be a valid dictionary or object to extract fields from",)"
            R"("input":[1]}]})",
            refusal("[ 1 ]"));
  EXPECT_THAT(refusal("{}", {.json_content_type = false}), testing::HasSubstr(R"("input":"{}")"));
}

TEST(PlatformRead, NamesEachWrongMember) {
  EXPECT_EQ(R"({"type":"dict_type","loc":["body","metadata"],"msg":"Input should be a valid )"
            R"(dictionary","input":null})",
            issue(R"("metadata":null)"));
  EXPECT_EQ(R"({"type":"dict_type","loc":["body","payload"],"msg":"Input should be a valid )"
            R"(dictionary","input":[1]})",
            issue(R"("payload":[ 1 ])"));
  EXPECT_EQ(R"({"type":"string_type","loc":["body","event_type"],"msg":"Input should be a valid )"
            R"(string","input":5})",
            issue(R"("event_type":5)"));
  EXPECT_EQ(R"({"type":"uuid_type","loc":["body","aggregate_id"],"msg":"UUID input should be a )"
            R"(string, bytes or UUID object","input":5})",
            issue(R"("aggregate_id":5)"));
  EXPECT_EQ(
      R"({"type":"uuid_parsing","loc":["body","aggregate_id"],"msg":"Input should be a valid )"
      R"(UUID, invalid character: found `n` at 1","input":"not-a-uuid","ctx":{"error":"invalid )"
      R"(character: found `n` at 1"}})",
      issue(R"("aggregate_id":"not-a-uuid")"));
  EXPECT_EQ(R"({"type":"int_from_float","loc":["body","version"],"msg":"Input should be a valid )"
            R"(integer, got a number with a fractional part","input":2.5})",
            issue(R"("version":2.5)"));
  EXPECT_EQ(R"({"type":"string_unicode","loc":["body","aggregate_id"],"msg":"Input should be a )"
            R"(valid string, unable to parse raw data as a unicode string","input":"\ud800"})",
            issue(R"("aggregate_id":"\ud800")"));
}

TEST(PlatformRead, RefusesWhatThePlatformFailedOn) {
  const auto type = [](const std::string& more) {
    const auto read = read_platform_event(body(more), Limits{}, {});
    return read.refusal ? read.refusal->issues.at(0).type : "accepted";
  };
  EXPECT_EQ("string_too_long", type("\"event_type\":\"" + std::string(256, 'x') + '"'));
  EXPECT_EQ("string_too_long", type("\"aggregate_type\":\"" + std::string(101, 'x') + '"'));
  EXPECT_EQ("string_too_short", type(R"("event_type":"")"));
  EXPECT_EQ("value_error", type(R"("event_type":"a\u0000")"));
  EXPECT_EQ("value_error", type(R"("payload":{"a":"\u0041\u0000"})"));
  EXPECT_EQ("value_error", type(R"("payload":{"a":"\u0041\ud800"})"));
  EXPECT_EQ("value_error", type(R"("metadata":{"\ude00":1})"));
  EXPECT_EQ("value_error", type("\"payload\":{\"a\":\"" + std::string(1 << 20, 'x') + "\"}"));
  EXPECT_EQ("accepted", type(R"("payload":{"a":"\ud83d\ude00\u00e9\u00e9\\u0000"})"));
  EXPECT_EQ("json_invalid", type("\"payload\":" + std::string(200, '[') + std::string(200, ']')));
}

TEST(PlatformRead, TakesASourceForAnAggregateWhereLenient) {
  const auto read =
      read_platform_event(R"({"event_type":"t","payload":{},"source":"l10","correlation_id":"c"})",
                          Limits{}, {.lenient = true});
  ASSERT_FALSE(read.refusal);
  EXPECT_EQ(lenient_aggregate_type, read.append.events.at(0).aggregate_type);
  EXPECT_EQ("l10", read.append.events.at(0).aggregate_id);
  EXPECT_EQ("c", read.append.events.at(0).correlation_id);
  const auto bare = read_platform_event(R"({"event_type":"t"})", Limits{}, {.lenient = true});
  EXPECT_EQ(lenient_source_unknown, bare.append.events.at(0).aggregate_id);
  EXPECT_THAT(refusal(R"({"event_type":"t","aggregate_type":"a"})", {.lenient = true}),
              testing::HasSubstr(R"(["body","aggregate_id"])"));
}

TEST(PlatformBatch, NamesTheIndex) {
  const auto batch = [](const std::string& text) {
    return answer(read_platform_batch(text, Limits{}, {}));
  };
  EXPECT_EQ("accepted", batch("[" + body("") + "," + body(R"("version":2)") + "]"));
  EXPECT_EQ(R"({"detail":[{"type":"dict_type","loc":["body",1,"payload"],"msg":"Input should be a )"
            R"(valid dictionary","input":5}]})",
            batch("[" + body("") + "," + body(R"("payload":5)") + "]"));
  EXPECT_THAT(batch("{}"), testing::HasSubstr(R"("type":"list_type","loc":["body"])"));
  EXPECT_THAT(batch("[]"), testing::HasSubstr(R"("type":"too_short","loc":["body"])"));
  EXPECT_THAT(batch("[5]"),
              testing::HasSubstr(R"("type":"model_attributes_type","loc":["body",0])"));
}

TEST(PlatformBatch, BoundsItsLength) {
  Limits limits;
  limits.batch_events_max = 1;
  const auto read = read_platform_batch("[" + body("") + "," + body("") + "]", limits, {});
  EXPECT_THAT(answer(read), testing::HasSubstr("at most 1 items after validation, not 2"));
}

TEST(PlatformBatch, HasRoomForEveryShortUuidAndVersion) {
  std::string text = "[";
  for (int i = 0; i < 1000; ++i)
    text += R"({"event_type":"t","aggregate_type":"a","aggregate_id":)"
            R"("550E8400E29B41D4A716446655440000","version":-2147483648},)";
  text.back() = ']';
  const auto read = read_platform_batch(text, Limits{}, {});
  ASSERT_FALSE(read.refusal);
  for (const Draft& draft : read.append.events) EXPECT_EQ(kUuid, draft.aggregate_id);
}

EventView sample() {
  EventView event;
  event.id.text = "e37f5b87-0000-4000-8000-000000000000";
  event.aggregate_type = "agent";
  event.aggregate_id = kUuid;
  event.event_type = "agent.created";
  event.schema_version = "1";
  event.payload = R"({"u":"é"})";
  event.metadata = "{}";
  event.recorded_at = Timestamp{1'769'248'800'123'456};
  return event;
}

TEST(PlatformWrite, HasEightMembersAndNoZone) {
  std::string out;
  append_platform_event(out, sample());
  EXPECT_EQ(R"({"id":"e37f5b87-0000-4000-8000-000000000000","event_type":"agent.created",)"
            R"("aggregate_type":"agent","aggregate_id":"550e8400-e29b-41d4-a716-446655440000",)"
            R"("payload":{"u":"é"},"metadata":{},"created_at":"2026-01-24T10:00:00.123456",)"
            R"("version":1})",
            out);
}

TEST(PlatformWrite, DropsAFractionOfZeroAndEchoesTheSource) {
  EventView event = sample();
  event.recorded_at = Timestamp{1'769'248'800'000'000};
  event.aggregate_type = lenient_aggregate_type;
  event.aggregate_id = "l10";
  std::string out;
  append_platform_event(out, event);
  EXPECT_THAT(
      out, testing::EndsWith(R"("created_at":"2026-01-24T10:00:00","version":1,"source":"l10"})"));
}

}  // namespace
}  // namespace daybook::json
