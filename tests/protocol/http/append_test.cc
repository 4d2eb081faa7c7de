// POST /v1/events.
#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

class AppendTest : public AskTest {
 protected:
  http::Response append(std::string body, const Headers& headers = {}) {
    return post("/v1/events", std::move(body), headers);
  }
};

constexpr const char* kEvent =
    R"({"event_type":"order.placed","aggregate_type":"order","aggregate_id":"o-1"})";
constexpr const char* kKnown =
    R"({"event_type":"order.placed","aggregate_type":"order","aggregate_id":"o-1","id":"e-1"})";

TEST_F(AppendTest, AnEventGetsAReceipt) {
  const http::Response response = append(kEvent);
  EXPECT_EQ(201U, response.status);
  EXPECT_EQ("application/json", response.content_type);
  EXPECT_EQ(
      R"({"first_offset":1,"last_offset":1,"replayed":false,"durability":"fsync","events":[)"
      R"({"id":"0199f3c2-0000-7000-8000-000000000001","offset":1,"sequence":1,)"
      R"("recorded_at":"2026-01-24T10:00:00.000001Z"}]})",
      response.body);
  EXPECT_EQ("1", header(response, "Daybook-Head"));
}

TEST_F(AppendTest, AnArrayIsOneBatch) {
  const http::Response response = append(std::string("[") + kEvent + ',' + kEvent + ']');
  EXPECT_THAT(response, body_has(R"("first_offset":1,"last_offset":2)"));
  EXPECT_EQ(2U, backend_.log.last_append()->events.size());
}

TEST_F(AppendTest, DraftsAreSealedWithTimeRandomnessAndDigest) {
  append(std::string("[") + kEvent + ',' + kEvent + ']');
  const Append& sent = *backend_.log.last_append();
  EXPECT_GT(sent.stamped_at, Timestamp{});
  EXPECT_NE(sent.events[0].randomness, sent.events[1].randomness);
  EXPECT_EQ(content_digest(sent.events[0]), sent.events[0].digest);
}

TEST_F(AppendTest, AReplayIs200) {
  EXPECT_EQ(201U, append(kKnown).status);
  const http::Response again = append(kKnown);
  EXPECT_EQ(200U, again.status);
  EXPECT_THAT(again, body_has(R"("replayed":true)"));
}

TEST_F(AppendTest, AnIdempotencyKeyCarriesTheDigestOfTheBody) {
  append(kEvent, {{"Idempotency-Key", "k-1"}});
  const RequestKey first = *backend_.log.last_append()->request_key;
  append(kKnown, {{"Idempotency-Key", "k-2"}});
  const RequestKey second = *backend_.log.last_append()->request_key;
  EXPECT_EQ("k-1", first.key);
  EXPECT_FALSE(first.body == second.body);
  EXPECT_EQ(200U, append(kEvent, {{"Idempotency-Key", "k-1"}}).status);
}

TEST_F(AppendTest, ABadIdempotencyKeyIsNamed) {
  for (const auto& key : {std::string(), std::string(256, 'k'), std::string("\xff")}) {
    const http::Response response = append(kEvent, {{"Idempotency-Key", key}});
    EXPECT_THAT(response, is_problem(422, "bad_parameter"));
    EXPECT_THAT(response, body_has("Idempotency-Key"));
  }
  EXPECT_EQ(Offset{0}, backend_.log.head());
}

TEST_F(AppendTest, ConflictsAreListed) {
  append(kEvent);
  const http::Response response =
      append(R"([{"event_type":"a","aggregate_type":"order","aggregate_id":"o-1",)"
             R"("expected_sequence":7}])");
  EXPECT_THAT(response, is_problem(409, "sequence_conflict"));
  EXPECT_THAT(response, body_has(R"("conflicts":[{"kind":"sequence","aggregate_type":"order",)"
                                 R"("aggregate_id":"o-1","expected":7,"actual":1}])"));
  EXPECT_EQ("1", header(response, "Daybook-Head"));
}

TEST_F(AppendTest, BadBodiesAreRefusedBeforeTheLogSeesThem) {
  EXPECT_THAT(append("{"), is_problem(400, "bad_json"));
  EXPECT_THAT(append("[]"), is_problem(422, "empty_batch"));
  EXPECT_THAT(append(R"({"event_type":"a"})"), is_problem(422, "missing_member"));
  EXPECT_THAT(append(""), is_problem(400, "bad_json"));
  EXPECT_EQ(nullptr, backend_.log.last_append());
}

TEST_F(AppendTest, WhatTheLogAnswersBecomesAStatus) {
  const std::pair<Errc, unsigned> all[] = {
      {Errc::overloaded, 503}, {Errc::recovering, 503}, {Errc::disk_full, 507},
      {Errc::id_reused, 422},  {Errc::fenced, 409},     {Errc::io_failed, 500}};
  for (const auto& [code, status] : all) {
    backend_.log.fail_next({code, "for a test"});
    const http::Response response = append(kEvent);
    EXPECT_THAT(response, is_problem(status, std::string(name(code))));
    EXPECT_EQ(status == 503 ? "1" : "(none)", header(response, "Retry-After"));
  }
}

TEST_F(AppendTest, OtherContentTypesAre415) {
  for (const char* type : {"text/plain", "application/x-ndjson", "application/cloudevents+json"})
    EXPECT_THAT(append(kEvent, {{"Content-Type", type}}),
                is_problem(415, "unsupported_media_type"));
}

}  // namespace
}  // namespace daybook::testing
