#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

class AggregatesTest : public AskTest {
 protected:
  void add(std::string id, int count) {
    StoredEvent event;
    event.aggregate_id = std::move(id);
    backend_.log.add_many(static_cast<std::size_t>(count), event);
  }
};

TEST_F(AggregatesTest, AnAggregateHasItsSequenceAsETag) {
  add("a/1", 3);
  const http::Response response = get("/v1/aggregates/order/a%2F1");
  EXPECT_EQ("\"3\"", header(response, "ETag"));
  EXPECT_EQ(R"({"aggregate_type":"order","aggregate_id":"a/1","sequence":3,"first_offset":1,)"
            R"("last_offset":3,"created_at":"2026-01-24T10:00:00.000001Z",)"
            R"("updated_at":"2026-01-24T10:00:00.000003Z"})",
            response.body);
  EXPECT_THAT(get("/v1/aggregates/order/none"), is_problem(404, "not_found"));
  EXPECT_THAT(get("/v1/aggregates/order/none/events"), is_problem(404, "not_found"));
}

TEST_F(AggregatesTest, ItsEventsGoBySequence) {
  add("a", 9);
  const std::string path = "/v1/aggregates/order/a/events";
  EXPECT_THAT(get(path), body_has(R"("next_after_sequence":null)"));
  EXPECT_THAT(get(path + "?limit=4"), body_has(R"("next_after_sequence":4)"));
  EXPECT_THAT(get(path + "?after_sequence=5&limit=4"), body_has(R"("next_after_sequence":null)"));
  EXPECT_THAT(get(path + "?after_sequence=2&before_sequence=5"),
              body_has(R"("next_after_sequence":null)"));
  EXPECT_THAT(get(path + "?order=desc&limit=4"), body_has(R"("next_before_sequence":6)"));
  EXPECT_THAT(get(path + "?order=desc&before_sequence=3"),
              body_has(R"("next_before_sequence":null)"));
}

TEST_F(AggregatesTest, BadParametersAreRefused) {
  add("a", 1);
  for (const char* query : {"?limit=0", "?order=up", "?after_sequence=x", "?before_sequence=0"})
    EXPECT_THAT(get(std::string("/v1/aggregates/order/a/events") + query),
                is_problem(422, "bad_parameter"));
  EXPECT_THAT(get("/v1/aggregates/order/a/events?x=1"), is_problem(422, "unknown_parameter"));
  EXPECT_THAT(get("/v1/aggregates?limit=0"), is_problem(422, "bad_parameter"));
  EXPECT_THAT(get("/v1/aggregates/order/" + std::string(256, 'x')),
              is_problem(422, "limit_exceeded"));
}

TEST_F(AggregatesTest, TheListGoesByCursor) {
  add("a", 1);
  add("b", 2);
  EXPECT_THAT(get("/v1/aggregates?limit=1"), body_has(R"("next_after":"order/a")"));
  const http::Response rest = get("/v1/aggregates?aggregate_type=order&after=order%2Fa");
  EXPECT_THAT(rest, body_has(R"("aggregate_id":"b","sequence":2)"));
  EXPECT_THAT(rest, body_has(R"("next_after":null)"));
  EXPECT_EQ(R"({"aggregates":[],"next_after":null})", get("/v1/aggregates?aggregate_type=x").body);
}

}  // namespace
}  // namespace daybook::testing
