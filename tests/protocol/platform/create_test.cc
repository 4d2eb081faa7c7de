// POST /events/, POST /events/batch, GET /events/{id}: the Platform's shapes.
#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

constexpr const char* kEvent =
    R"({"event_type":"agent.created","aggregate_type":"agent",)"
    R"("aggregate_id":"550E8400-e29b-41d4-a716-446655440000","payload":{"n":1.0},"version":2})";
constexpr const char* kAnswer =
    R"({"id":"0199f3c2-0000-7000-8000-000000000001","event_type":"agent.created",)"
    R"("aggregate_type":"agent","aggregate_id":"550e8400-e29b-41d4-a716-446655440000",)"
    R"("payload":{"n":1.0},"metadata":{},"created_at":"2026-01-24T10:00:00.000001","version":2})";

class PlatformCreateTest : public AskTest {};

TEST_F(PlatformCreateTest, ACreatedEventHasItsEightMembersInOrder) {
  const http::Response response = post("/events/", kEvent);
  EXPECT_EQ(201U, response.status);
  EXPECT_EQ(kAnswer, response.body);
  EXPECT_EQ("(none)", header(response, "Daybook-Head"));
}

TEST_F(PlatformCreateTest, ItReadsBackTheSameById) {
  post("/events", kEvent);
  EXPECT_EQ(kAnswer, get("/events/0199f3c2-0000-7000-8000-000000000001").body);
  EXPECT_EQ(kAnswer, get("/events/0199F3C2000070008000000000000001").body);
}

TEST_F(PlatformCreateTest, AnUnknownIdIsNotFoundAndNoUuidIsRefused) {
  const http::Response absent = get("/events/880e8400-e29b-41d4-a716-446655440003");
  EXPECT_EQ(404U, absent.status);
  EXPECT_EQ(R"({"detail":"Event not found"})", absent.body);
  const http::Response wrong = get("/events/not-a-uuid");
  EXPECT_EQ(422U, wrong.status);
  EXPECT_THAT(wrong, body_has(R"({"detail":[{"type":"uuid_parsing","loc":["path","event_id"],)"
                              R"("msg":"Input should be a valid UUID, invalid character)"));
}

TEST_F(PlatformCreateTest, WhatIsMissingIsListed) {
  const http::Response response = post("/events/", "{}");
  EXPECT_EQ(422U, response.status);
  EXPECT_THAT(response, body_has(R"({"detail":[{"type":"missing","loc":["body","event_type"],)"
                                 R"("msg":"Field required","input":{}},)"));
}

TEST_F(PlatformCreateTest, StructuredJsonIsTakenAndOtherTypesAreRefusedInItsWords) {
  EXPECT_EQ(201U, post("/events/", kEvent, {{"Content-Type", "application/vnd.x+json"}}).status);
  const http::Response response = post("/events/", kEvent, {{"Content-Type", "text/plain"}});
  EXPECT_EQ(422U, response.status);
  EXPECT_THAT(response, body_has("model_attributes_type"));
  EXPECT_EQ(Offset{1}, backend_.log.head());
}

TEST_F(PlatformCreateTest, ABatchIsAtomicAndARefusalNamesTheIndex) {
  const std::string two = std::string("[") + kEvent + ',' + kEvent + ']';
  const http::Response created = post("/events/batch", two);
  EXPECT_EQ(201U, created.status);
  EXPECT_THAT(created, body_has(std::string("[") + kAnswer + ','));
  const http::Response refused = post("/events/batch", std::string("[") + kEvent + ",{}]");
  EXPECT_EQ(422U, refused.status);
  EXPECT_THAT(refused, body_has(R"("loc":["body",1,"event_type"])"));
  EXPECT_EQ(Offset{2}, backend_.log.head());
}

TEST_F(PlatformCreateTest, LenientModeEchoesTheSource) {
  const char* body = R"({"event_type":"x.y","payload":{"a":1},"source":"gateway"})";
  EXPECT_EQ(422U, post("/events/", body).status);
  settings_.platform_lenient = true;
  const http::Response created = post("/events/", body);
  EXPECT_EQ(201U, created.status);
  EXPECT_THAT(created, body_has(R"("source":"gateway")"));
  EXPECT_EQ(created.body, get("/events/0199f3c2-0000-7000-8000-000000000001").body);
}

TEST_F(PlatformCreateTest, ErrorsAreDetails) {
  const http::Response method = send("DELETE", "/events/");
  EXPECT_EQ(405U, method.status);
  EXPECT_EQ(R"({"detail":"Method Not Allowed"})", method.body);
  EXPECT_EQ("POST", header(method, "Allow"));
  EXPECT_EQ("GET", header(send("PUT", "/events/x"), "Allow"));
  EXPECT_EQ(R"({"detail":"Not Found"})", get("/events/a/b").body);
  EXPECT_EQ(403U, post("/events/", kEvent, {{"Origin", "null"}}).status);
  backend_.log.fail_next({Errc::overloaded, "the queue is full"});
  const http::Response busy = post("/events/", kEvent);
  EXPECT_EQ(503U, busy.status);
  EXPECT_EQ(R"({"detail":"the queue is full"})", busy.body);
  EXPECT_EQ("1", header(busy, "Retry-After"));
}

}  // namespace
}  // namespace daybook::testing
