// What becomes of a message: the Platform's event, or one that tells why it is none.
#include "replication/redis/ingest_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replication/redis/ingest.h"

namespace daybook::redis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// As the Platform publishes it: spaced and escaped by Python's json.dumps.
constexpr std::string_view kSixMembers =
    R"({"event_type": "agent.created", "aggregate_type": "agent", )"
    R"("aggregate_id": "550e8400-e29b-41d4-a716-446655440000", )"
    R"("payload": {"n": 1.0, "u": "\u00e9"}, "metadata": {"session_id": "session-123"}, )"
    R"("timestamp": "2026-11-20T22:04:51.450839"})";
constexpr std::string_view kEightMembers =
    R"({"id":"e37f5b87-0000-4000-8000-000000000000","event_type":"agent.created",)"
    R"("aggregate_type":"agent","aggregate_id":"550e8400-e29b-41d4-a716-446655440000",)"
    R"("payload":{"n":2},"metadata":{},"created_at":"2026-11-20T22:04:51","version":3})";

IngestMessage message(std::string_view text, std::string channel = "old:agent") {
  return {.channel = std::move(channel), .text = std::string(text)};
}

Append read(IngestMessage message, const Limits& limits = {}) {
  return read_message(message, limits);
}

std::string refused_payload(IngestMessage message, const Limits& limits = {}) {
  const Append append = read_message(message, limits);
  EXPECT_FALSE(message.refusal.empty());
  const Draft& draft = append.events.at(0);
  EXPECT_EQ(kRefusedEventType, draft.event_type);
  EXPECT_EQ(kRefusedAggregateType, draft.aggregate_type);
  EXPECT_LE(draft.payload.size() + draft.metadata.size(), limits.event_bytes_max);
  return std::string(draft.payload);
}

TEST(IngestMessage, OfSixMembersIsAnEventAtItsTime) {
  const Append append = read(message(kSixMembers));
  const Draft& draft = append.events.at(0);
  EXPECT_EQ("agent.created", draft.event_type);
  EXPECT_EQ("agent", draft.aggregate_type);
  EXPECT_EQ("550e8400-e29b-41d4-a716-446655440000", draft.aggregate_id);
  EXPECT_EQ(R"({"n":1.0,"u":"\u00e9"})", draft.payload);
  EXPECT_EQ(R"({"session_id":"session-123"})", draft.metadata);
  EXPECT_EQ(parse_rfc3339("2026-11-20T22:04:51.450839Z"), draft.occurred_at);
  EXPECT_EQ("", draft.id);
}

TEST(IngestMessage, OfEightMembersIsAnEventWithAnIdOfOurs) {
  const Append append = read(message(kEightMembers));
  const Draft& draft = append.events.at(0);
  EXPECT_EQ("3", draft.schema_version);
  EXPECT_EQ("", draft.id);
  EXPECT_FALSE(draft.occurred_at);
}

TEST(IngestMessage, ThatIsNoEventIsQuotedWithTheReason) {
  EXPECT_EQ(R"({"channel":"old:agent","message":"{\"event_type\":\"t\"}",)"
            R"("reason":"body.aggregate_type: Field required; body.aggregate_id: Field required"})",
            refused_payload(message(R"({"event_type":"t"})")));
  EXPECT_EQ(R"({"channel":"old:agent","message":"hello","reason":"body.0: JSON decode error"})",
            refused_payload(message("hello")));
  EXPECT_THAT(refused_payload(message("")), HasSubstr(R"("message":"","reason":"body: Field)"));
}

TEST(IngestMessage, ThatIsNoUtf8IsQuotedInBase64) {
  EXPECT_EQ(R"({"channel":"old:agent","message_base64":"/wBh","reason":"it is not UTF-8"})",
            refused_payload(message(std::string_view("\xFF\0a", 3))));
}

TEST(IngestMessage, ThatIsTooLargeIsCountedInsteadOfQuoted) {
  std::string large(kSixMembers);
  large.insert(large.find("1.0"), std::string(2000, '1'));
  EXPECT_THAT(refused_payload(message(large), {.event_bytes_max = 1024}),
              AllOf(HasSubstr("\"message_bytes\":" + std::to_string(large.size())),
                    HasSubstr("body.payload: "), Not(HasSubstr("1111"))));
}

TEST(IngestMessage, FitsIntoTheSmallestLimitWhateverItIs) {
  const Limits smallest{.event_bytes_max = 1024};
  for (const std::string& channel :
       {std::string(5000, 'c'), std::string(255, '"'), std::string(5000, '\x01')}) {
    IngestMessage odd = message("x", channel);
    odd.refusal = std::string(5000, '"');
    EXPECT_THAT(refused_payload(odd, smallest), HasSubstr(R"("message_bytes":1,)"));
  }
}

TEST(IngestMessage, ThatWasRefusedBeforeIsNotReadAgain) {
  IngestMessage known = message(kSixMembers);
  known.refusal = "not here";
  EXPECT_THAT(refused_payload(known), AllOf(HasSubstr("session-123"), HasSubstr("not here")));
  known.without_text = true;
  EXPECT_EQ("{\"channel\":\"old:agent\",\"message_bytes\":" + std::to_string(kSixMembers.size()) +
                ",\"reason\":\"not here\"}",
            refused_payload(known));
}

TEST(IngestMessage, NamesTheChannelAsItsAggregateWhereItCan) {
  EXPECT_EQ("old:agent", read(message("x")).events.at(0).aggregate_id);
  EXPECT_EQ("unnamed", read(message("x", "a\nb")).events.at(0).aggregate_id);
  EXPECT_EQ("unnamed", read(message("x", "")).events.at(0).aggregate_id);
}

TEST(IngestMessage, SeveralAreJoinedInTheirOrder) {
  std::vector<Append> appends;
  for (const std::string_view text : {kSixMembers, std::string_view("hello"), kEightMembers})
    appends.push_back(read(message(text)));
  const Append all = joined(std::move(appends));
  ASSERT_EQ(3u, all.events.size());
  EXPECT_EQ(R"({"n":1.0,"u":"\u00e9"})", all.events[0].payload);
  EXPECT_EQ(parse_rfc3339("2026-11-20T22:04:51.450839Z"), all.events[0].occurred_at);
  EXPECT_EQ("old:agent", all.events[1].aggregate_id);
  EXPECT_EQ(kRefusedEventType, all.events[1].event_type);
  EXPECT_EQ("3", all.events[2].schema_version);
}

}  // namespace
}  // namespace daybook::redis
