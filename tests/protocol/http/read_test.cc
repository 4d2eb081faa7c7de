// GET /v1/events as pages and as ndjson, POST /v1/query, single events.
#include "protocol/http/export.h"
#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ReadTest : public AskTest {
 protected:
  void add(std::string type, std::vector<std::string> tags = {}) {
    StoredEvent event;
    event.event_type = std::move(type);
    event.tags = std::move(tags);
    backend_.log.add(std::move(event));
  }
  // The offsets of a page or of ndjson, "1 2 3".
  static std::string offsets(std::string_view body) {
    std::string found;
    constexpr std::string_view kMember = "{\"offset\":";
    for (std::size_t at = body.find(kMember); at != body.npos; at = body.find(kMember, at + 1)) {
      const std::string_view digits = body.substr(at + kMember.size());
      found.append(found.empty() ? "" : " ").append(digits.substr(0, digits.find(',')));
    }
    return found;
  }
  std::string read(const std::string& query) {
    const http::Response response = get("/v1/events" + query);
    EXPECT_EQ(200U, response.status) << response.body;
    return offsets(response.body);
  }
  std::string exported(const std::string& query) {
    http::Response response = get("/v1/events" + query, {{"Accept", "application/x-ndjson"}});
    EXPECT_EQ(200U, response.status) << response.body;
    EXPECT_EQ("application/x-ndjson", response.content_type);
    return drain(*response.stream);
  }
};

TEST_F(ReadTest, APageSaysWhereToGoOn) {
  backend_.log.add_many(5);
  EXPECT_EQ("1 2 3 4 5", read(""));
  const http::Response page = get("/v1/events?limit=2&after=1");
  EXPECT_EQ("2 3", offsets(page.body));
  EXPECT_THAT(page, body_has(R"("next_after":3,"head":5})"));
  EXPECT_THAT(get("/v1/events?after=3"), body_has(R"("next_after":null)"));
}

TEST_F(ReadTest, DescendingGoesByBefore) {
  backend_.log.add_many(5);
  EXPECT_EQ("5 4", read("?order=desc&limit=2"));
  EXPECT_EQ("2 1", read("?before=3"));
  EXPECT_THAT(get("/v1/events?order=desc&limit=2"), body_has(R"("next_before":4)"));
}

TEST_F(ReadTest, FiltersAreAndWithRepeatedTypesAndTags) {
  add("a.x", {"red"});
  add("b", {"red", "blue"});
  add("a.y", {"blue"});
  EXPECT_EQ("1 3", read("?event_type=a.*"));
  EXPECT_EQ("1 2", read("?event_type=a.x&event_type=b"));
  EXPECT_EQ("2", read("?tag=red&tag=blue"));
  EXPECT_EQ("", read("?aggregate_id=other"));
  EXPECT_EQ("2 3", read("?recorded_from=2026-01-24T10:00:00.000002Z"));
  EXPECT_EQ("1", read("?occurred_to=2026-01-24T11:00:00.000001+01:00"));
}

TEST_F(ReadTest, ExplainIsAskedFor) {
  add("a");
  EXPECT_THAT(get("/v1/events?explain=true"), body_has(R"("explain":{"index":"log")"));
  EXPECT_THAT(get("/v1/events").body, Not(HasSubstr("explain")));
}

TEST_F(ReadTest, BadParametersAreRefused) {
  for (const char* query : {"?limit=0", "?limit=10001", "?after=1&before=2", "?order=asc&before=2",
                            "?order=desc&after=2", "?before=0", "?on_trimmed=cry", "?explain=1"})
    EXPECT_THAT(get(std::string("/v1/events") + query), is_problem(422, "bad_parameter")) << query;
  EXPECT_THAT(get("/v1/events?event_types=a"), is_problem(422, "unknown_parameter"));
}

TEST_F(ReadTest, BelowTheFloorIsTrimmedUnlessSkipped) {
  backend_.log.add_many(5);
  backend_.log.set_floor({3});
  EXPECT_THAT(get("/v1/events"), is_problem(410, "trimmed"));
  EXPECT_THAT(get("/v1/events"), body_has(R"("first_offset":3)"));
  EXPECT_EQ("3 4 5", read("?on_trimmed=skip"));
  EXPECT_THAT(get("/v1/offsets/2"), is_problem(410, "trimmed"));
}

TEST_F(ReadTest, ASmallerPageLimitHoldsForTheDefaultToo) {
  backend_.log.add_many(9);
  settings_.limits.page_events_max = 5;
  EXPECT_EQ("1 2 3 4 5", read(""));
  EXPECT_THAT(get("/v1/events?limit=6"), is_problem(422, "bad_parameter"));
}

TEST_F(ReadTest, AQueryIsTheSameReadWithABody) {
  add("a");
  add("b");
  const http::Response response = post("/v1/query", R"({"event_types":["b"],"limit":5})");
  EXPECT_EQ("2", offsets(response.body));
  EXPECT_THAT(response, body_has(R"("next_after":null,"head":2)"));
  EXPECT_THAT(post("/v1/query", R"({"colour":1})"), is_problem(422, "unknown_member"));
}

TEST_F(ReadTest, OneEventByIdOrOffset) {
  StoredEvent event;
  event.id = "a/b ü";
  backend_.log.add(event);
  EXPECT_THAT(get("/v1/events/a%2Fb%20%C3%BC"), body_has(R"("id":"a/b ü")"));
  EXPECT_THAT(get("/v1/offsets/1"), body_has(R"({"offset":1,)"));
  EXPECT_THAT(get("/v1/events/none"), is_problem(404, "not_found"));
  EXPECT_THAT(get("/v1/offsets/2"), is_problem(404, "not_found"));
  EXPECT_THAT(get("/v1/offsets/0"), is_problem(404, "not_found"));
  EXPECT_THAT(get("/v1/offsets/x"), is_problem(422, "bad_parameter"));
  EXPECT_THAT(get("/v1/events/%ff"), is_problem(422, "bad_parameter"));
}

TEST_F(ReadTest, AnExportHasEveryEventOnALine) {
  backend_.log.add_many(2500);
  backend_.log.set_page_max(700);
  const std::string all = exported("");
  EXPECT_EQ(2500, std::ranges::count(all, '\n'));
  EXPECT_THAT(all, ::testing::StartsWith("{\"offset\":1,"));
  EXPECT_EQ("1 2 3", offsets(exported("?limit=3")));
  EXPECT_EQ("2500 2499", offsets(exported("?order=desc&limit=2")));
  EXPECT_EQ("", exported("?event_type=none"));
}

TEST_F(ReadTest, AnExportEndsAtTheHeadOfItsBeginning) {
  backend_.log.add_many(3);
  backend_.log.set_page_max(2);
  http::Response response = get("/v1/events", {{"Accept", "text/html, application/x-ndjson;q=1"}});
  backend_.log.add_many(3);
  EXPECT_EQ("1 2 3", offsets(drain(*response.stream)));
  EXPECT_EQ("3", header(response, "Daybook-Head"));
}

TEST_F(ReadTest, AnExportComesInBoundedPieces) {
  StoredEvent large;
  large.payload = '"' + std::string(100'000, 'x') + '"';
  backend_.log.add_many(20, large);
  http::Response response = get("/v1/events", {{"Accept", "application/x-ndjson"}});
  while (auto piece = run(response.stream->next()))
    EXPECT_LT(piece->size(), http::kPieceBytes + 110'000);
}

TEST_F(ReadTest, AnExportThatFailsLaterBreaksOff) {
  backend_.log.add_many(3);
  backend_.log.set_page_max(2);
  http::Response response = get("/v1/events", {{"Accept", "application/x-ndjson"}});
  EXPECT_TRUE(run(response.stream->next()));
  backend_.log.fail_next({Errc::corrupted, "for a test"});
  EXPECT_THROW(run(response.stream->next()), std::runtime_error);
}

TEST_F(ReadTest, AnExportThatFailsAtOnceIsAProblem) {
  backend_.log.fail_next({Errc::corrupted, "for a test"});
  EXPECT_THAT(get("/v1/events", {{"Accept", "application/x-ndjson"}}),
              is_problem(500, "corrupted"));
}

}  // namespace
}  // namespace daybook::testing
