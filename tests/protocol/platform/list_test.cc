// GET /events/: filters, order, limit and offset without bounds.
#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

constexpr const char* kAgent = "550e8400-e29b-41d4-a716-446655440000";

class PlatformListTest : public AskTest {
 protected:
  void SetUp() override {
    for (int i = 0; i < 6; ++i) {
      StoredEvent event;
      event.aggregate_type = "agent";
      event.aggregate_id = kAgent;
      event.event_type = i % 2 == 0 ? "agent.a" : "agent.b";
      event.payload = std::to_string(i);
      backend_.log.add(std::move(event));
    }
  }
  // The payloads of the list, in its order: "012".
  std::string list(const std::string& query) {
    http::Response response = get("/events/" + query);
    EXPECT_EQ(200U, response.status) << response.body;
    const std::string body = response.stream ? drain(*response.stream) : response.body;
    std::string found;
    constexpr std::string_view kMember = "\"payload\":";
    for (std::size_t at = body.find(kMember); at != body.npos; at = body.find(kMember, at + 1))
      found += body[at + kMember.size()];
    return found;
  }
};

TEST_F(PlatformListTest, TheDefaultOrderIsConfigured) {
  EXPECT_EQ("012345", list(""));
  EXPECT_EQ("543210", list("?order=desc"));
  settings_.platform_order = Order::descending;
  EXPECT_EQ("543210", list(""));
  EXPECT_EQ("012345", list("?order=asc"));
  EXPECT_EQ(get("/events").body, get("/events/").body);
}

TEST_F(PlatformListTest, FiltersAreExactAndEmptyOnesAskNothing) {
  EXPECT_EQ("135", list("?event_type=agent.b"));
  EXPECT_EQ("", list("?event_type=agent.*"));
  EXPECT_EQ("", list("?aggregate_type=other"));
  EXPECT_EQ("012345", list("?event_type=&aggregate_type="));
  EXPECT_EQ("012345", list(std::string("?aggregate_type=agent&aggregate_id=") + kAgent));
  EXPECT_EQ("012345", list("?aggregate_id=550E8400E29B41D4A716446655440000&tenant_id=x"));
}

TEST_F(PlatformListTest, LimitAndOffsetHaveNoUpperBound) {
  EXPECT_EQ("23", list("?limit=2&offset=2"));
  EXPECT_EQ("32", list("?limit=2&offset=2&order=desc"));
  EXPECT_EQ("01", list("?limit=9&limit=2"));
  EXPECT_EQ("012345", list("?limit=1000000000000"));
  EXPECT_EQ("", list("?offset=1000000000000"));
  EXPECT_EQ("[]", get("/events/?limit=0").body);
  EXPECT_EQ("[]", get("/events/?offset=6").body);
}

TEST_F(PlatformListTest, StartAndEndAreInclusiveAndNaiveTimesAreUtc) {
  EXPECT_EQ("123", list("?start=2026-01-24T10:00:00.000002&end=2026-01-24T10:00:00.000004"));
  EXPECT_EQ("123", list("?start=2026-01-24T11:00:00.000002%2B01:00"
                        "&end=2026-01-24T11:00:00.000004+01:00"));
  EXPECT_EQ("", list("?end=2001-01-01"));
}

TEST_F(PlatformListTest, ALongListIsStreamedInBoundedPieces) {
  StoredEvent event;
  event.payload = "7";
  backend_.log.add_many(5000, event);
  http::Response response = get("/events/?limit=1000000");
  ASSERT_TRUE(response.stream);
  const std::string all = drain(*response.stream);
  EXPECT_EQ(5006, std::ranges::count(all, '{') - 5006);
  EXPECT_EQ('[', all.front());
  EXPECT_THAT(all, ::testing::EndsWith("}]"));
  EXPECT_EQ(100U, list("").size());
}

TEST_F(PlatformListTest, BadValuesAreListedInOrder) {
  const http::Response response = get("/events/?limit=abc&aggregate_id=x&offset=-1");
  EXPECT_EQ(422U, response.status);
  EXPECT_THAT(response,
              body_has(R"({"detail":[{"type":"uuid_parsing","loc":["query","aggregate_id"])"));
  EXPECT_THAT(response, body_has(
      R"({"type":"int_parsing","loc":["query","limit"],"msg":"Input should be a valid integer, )"
      R"(unable to parse string as an integer","input":"abc"})"));
  EXPECT_THAT(response, body_has(
      R"({"type":"greater_than_equal","loc":["query","offset"],"msg":"Input should be greater )"
      R"(than or equal to 0","input":"-1","ctx":{"ge":0}}])"));
}

TEST_F(PlatformListTest, OddIntegersAreReadAsTheyWere) {
  for (const char* query : {"?limit=%2B2", "?limit=%202%20", "?limit=2.0", "?limit=0_2"})
    EXPECT_EQ("01", list(query)) << query;
  for (const char* query : {"?limit=", "?limit=1.5", "?limit=_1", "?limit=1__2", "?limit=--1",
                            "?limit=-1", "?limit=99999999999999999999999", "?order=up",
                            "?start=soon", "?aggregate_id="})
    EXPECT_EQ(422U, get(std::string("/events/") + query).status) << query;
}

TEST_F(PlatformListTest, WhatFailsAtOnceIsADetail) {
  backend_.log.fail_next({Errc::recovering, "starting"});
  const http::Response response = get("/events/");
  EXPECT_EQ(503U, response.status);
  EXPECT_EQ(R"({"detail":"starting"})", response.body);
}

}  // namespace
}  // namespace daybook::testing
