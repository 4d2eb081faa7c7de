// One event of an append's body.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/json/read_append.h"

namespace daybook::json {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// An event with the three required members and `more`.
std::string event(const std::string& more = "") {
  return R"({"event_type":"t","aggregate_type":"a","aggregate_id":"1")" +
         (more.empty() ? "" : "," + more) + "}";
}

Result<Append> read(const std::string& body) {
  return read_append(body, Limits{});
}

std::string refusal(const std::string& body) {
  const auto append = read(body);
  if (append) return "accepted";
  return std::string(name(append.error().code)) + " " + append.error().pointer;
}

TEST(ReadDraft, FillsWhatIsLeftOut) {
  const auto append = read(event());
  ASSERT_TRUE(append);
  const Draft& draft = append->events.at(0);
  EXPECT_EQ("t", draft.event_type);
  EXPECT_EQ("a", draft.aggregate_type);
  EXPECT_EQ("1", draft.aggregate_id);
  EXPECT_EQ("", draft.id);
  EXPECT_EQ("1", draft.schema_version);
  EXPECT_EQ("{}", draft.payload);
  EXPECT_EQ("{}", draft.metadata);
  EXPECT_FALSE(draft.occurred_at);
  EXPECT_EQ(Expected{}, draft.expected);
  EXPECT_THAT(draft.tags, IsEmpty());
}

TEST(ReadDraft, TakesEveryMember) {
  const auto append = read(event(
      R"("id":"i-1","schema_version":"2.0","tags":["x:1","y","x:1"],"correlation_id":"c",
         "causation_id":"k","payload":[ 1.0 , {"b" : "\u0041"} ],
         "metadata":{ "m" : 12345678901234567890123 },
         "occurred_at":"2026-01-24T11:00:00.1234567+01:00","expected_sequence":7)"));
  ASSERT_TRUE(append) << append.error().detail;
  const Draft& draft = append->events.at(0);
  EXPECT_EQ("i-1", draft.id);
  EXPECT_EQ("\"2.0\"", draft.schema_version);
  EXPECT_THAT(draft.tags, ElementsAre("x:1", "y"));
  EXPECT_EQ("c", draft.correlation_id);
  EXPECT_EQ("k", draft.causation_id);
  EXPECT_EQ(R"([1.0,{"b":"\u0041"}])", draft.payload);
  EXPECT_EQ(R"({"m":12345678901234567890123})", draft.metadata);
  EXPECT_EQ(Timestamp{1'769'248'800'123'456}, draft.occurred_at);
  EXPECT_EQ((Expected{Expected::Kind::exact, Sequence{7}}), draft.expected);
}

TEST(ReadDraft, KeepsPayloadsOfEveryKindAsTheirText) {
  for (const std::string payload : {"1", "1.0", "-0", "\"x\"", "true", "[]", "[null]",
                                    R"({"a":1,"a":2})", R"("\ud800\u0000")"}) {
    const auto append = read(event("\"payload\":" + payload));
    ASSERT_TRUE(append) << payload;
    EXPECT_EQ(payload, append->events.at(0).payload);
  }
}

TEST(ReadDraft, TakesAnExplicitNullAsAbsent) {
  const auto append =
      read(event(R"("id":null,"payload":null,"metadata":null,"tags":null,"schema_version":null,
               "occurred_at":null,"correlation_id":null,"expected_sequence":null)"));
  ASSERT_TRUE(append) << append.error().detail;
  EXPECT_EQ("{}", append->events.at(0).payload);
  EXPECT_EQ("1", append->events.at(0).schema_version);
  EXPECT_EQ("missing_member /event_type",
            refusal(R"({"event_type":null,"aggregate_type":"a","aggregate_id":"1"})"));
}

TEST(ReadDraft, ReadsEscapedNamesAndValues) {
  const auto append = read(
      R"({"event\u005ftype":"a\u0062\"","aggregate_type":"\ud83d\ude00","aggregate_id":"\/\\"})");
  ASSERT_TRUE(append) << append.error().detail;
  EXPECT_EQ("ab\"", append->events.at(0).event_type);
  EXPECT_EQ("😀", append->events.at(0).aggregate_type);
  EXPECT_EQ("/\\", append->events.at(0).aggregate_id);
}

TEST(ReadDraft, RefusesUnknownRepeatedAndMissingMembers) {
  EXPECT_EQ("unknown_member /playload", refusal(event(R"("playload":{})")));
  EXPECT_EQ("unknown_member /a~1b~0c", refusal(event(R"("a/b~c":1)")));
  EXPECT_EQ("duplicate_member /id", refusal(event(R"("id":"x","id":"x")")));
  EXPECT_EQ("duplicate_member /id", refusal(event(R"("id":null,"\u0069d":"x")")));
  EXPECT_EQ("missing_member /event_type", refusal("{}"));
  EXPECT_EQ("missing_member /aggregate_id", refusal(R"({"event_type":"t","aggregate_type":"a"})"));
}

TEST(ReadDraft, RefusesBadValuesNamingTheMember) {
  EXPECT_EQ("bad_value /id", refusal(event(R"("id":5)")));
  EXPECT_EQ("bad_value /id", refusal(event(R"("id":"")")));
  EXPECT_EQ("bad_value /id", refusal(event(R"("id":"a\u0000")")));
  EXPECT_EQ("bad_value /id", refusal(event(R"("id":"\ud800")")));
  EXPECT_EQ("limit_exceeded /id", refusal(event("\"id\":\"" + std::string(256, 'x') + '"')));
  EXPECT_EQ("bad_value /metadata", refusal(event(R"("metadata":[])")));
  EXPECT_EQ("bad_value /tags", refusal(event(R"("tags":"x")")));
  EXPECT_EQ("bad_value /tags/1", refusal(event(R"("tags":["x",5])")));
  EXPECT_EQ("bad_value /occurred_at", refusal(event(R"("occurred_at":"yesterday")")));
  EXPECT_EQ("bad_value /occurred_at", refusal(event(R"("occurred_at":12)")));
  for (const std::string value : {"-1", "1.0", "1e3", "\"7\"", "\"Any\"", "true", "{}"})
    EXPECT_EQ("bad_value /expected_sequence", refusal(event("\"expected_sequence\":" + value)));
}

TEST(ReadDraft, TakesASchemaVersionThatIsAPositiveIntegerOrAShortString) {
  for (const std::string value : {"0", "-1", "1.0", "1e2", "true", "{}", "\"\"", R"("\n")"})
    EXPECT_EQ("bad_value /schema_version", refusal(event("\"schema_version\":" + value)));
  EXPECT_EQ("limit_exceeded /schema_version",
            refusal(event("\"schema_version\":\"" + std::string(51, 'v') + '"')));
  EXPECT_EQ("\"" + std::string(50, 'v') + "\"",
            read(event("\"schema_version\":\"" + std::string(50, 'v') + '"'))
                ->events.at(0)
                .schema_version);
  EXPECT_EQ(R"("2\"/")",
            read(event(R"("schema_version":"\u0032\u0022\/")"))->events[0].schema_version);
}

TEST(ReadDraft, TakesWordsForTheExpectedSequence) {
  const auto kind = [](const std::string& word) {
    return read(event("\"expected_sequence\":\"" + word + '"'))->events.at(0).expected.kind;
  };
  EXPECT_EQ(Expected::Kind::none, kind("none"));
  EXPECT_EQ(Expected::Kind::exists, kind("exists"));
  EXPECT_EQ(Expected::Kind::any, kind("any"));
}

TEST(ReadDraft, FallsBackToTheMetadata) {
  const auto of = [](const std::string& more) {
    const auto append = read(event(more));
    return std::string(append->events.at(0).correlation_id) + "|" +
           std::string(append->events.at(0).causation_id);
  };
  EXPECT_EQ("c|k", of(R"("metadata":{"correlation_id":"c","causationId":"k"})"));
  EXPECT_EQ("s|", of(R"("metadata":{"correlationId":"camel","correlation_id":"s"})"));
  EXPECT_EQ("own|k",
            of(R"("correlation_id":"own","metadata":{"correlation_id":"c","causation_id":"k"})"));
  EXPECT_EQ("b|", of(R"("metadata":{"correlation_id":"a","correlation_id":"b"})"));
  EXPECT_EQ("é|", of(R"("metadata":{"correlation\u005fid":"\u00e9","causation_id":5})"));
  EXPECT_EQ("|", of(R"("metadata":{"correlation_id":"","causation_id":"a\nb"})"));
  EXPECT_EQ("|", of(R"("metadata":{"x":{"correlation_id":"deep"}})"));
}

TEST(ReadDraft, BoundsTagsAndBytes) {
  std::string tags = "\"tags\":[\"t0\"";
  for (int i = 1; i < 32; ++i) tags += ",\"t" + std::to_string(i) + '"';
  EXPECT_EQ("accepted", refusal(event(tags + ",\"t0\"]")));
  EXPECT_EQ("limit_exceeded /tags", refusal(event(tags + ",\"t32\"]")));

  const std::size_t max = Limits{}.event_bytes_max;
  const auto sized = [](std::size_t n) {
    return event("\"payload\":\"" + std::string(n, 'x') + '"');
  };
  EXPECT_EQ("accepted", refusal(sized(max - 4)));
  EXPECT_EQ("limit_exceeded ", refusal(sized(max - 3)));
}

}  // namespace
}  // namespace daybook::json
