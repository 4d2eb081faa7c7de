// POST /v1/groups/{group}/fetch, the long poll; and Daybook-Min-Offset, which waits alike.
#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

class FetchTest : public AskTest {
 protected:
  void make_group(std::string settings) {
    EXPECT_EQ(201U, send("PUT", "/v1/groups/g", std::move(settings)).status);
  }
  http::Response fetch(std::string body) { return post("/v1/groups/g/fetch", std::move(body)); }
  http::Request fetch_request(std::string body) {
    return make_request("POST", "/v1/groups/g/fetch", std::move(body), {});
  }
};

TEST_F(FetchTest, ItBeginsAtTheCommittedOffset) {
  backend_.log.add_many(5);
  make_group(R"({"mode":"log","start":{"after":2}})");
  const http::Response page = fetch(R"({"member":"m","max":2})");
  EXPECT_THAT(page, body_has(R"({"events":[{"offset":3,)"));
  EXPECT_THAT(page, body_has(R"("next_after":4,"generation":1})"));
  EXPECT_THAT(fetch(R"({"member":"m","after":4})"), body_has(R"({"events":[{"offset":5,)"));
}

TEST_F(FetchTest, NextAfterMovesOverWhatTheFilterLeavesOut) {
  backend_.log.add_many(5);
  make_group(R"({"mode":"log","filter":{"aggregate_type":"other"}})");
  EXPECT_EQ(R"({"events":[],"next_after":5,"generation":1})",
            fetch(R"({"member":"m","wait_ms":0})").body);
}

TEST_F(FetchTest, OtherMembersStandBy) {
  make_group(R"({"mode":"log"})");
  fetch(R"({"member":"one","wait_ms":0})");
  EXPECT_THAT(fetch(R"({"member":"two","wait_ms":0})"), is_problem(409, "standby"));
}

TEST_F(FetchTest, ALongPollWakesAtTheNextEvent) {
  make_group(R"({"mode":"log"})");
  Pending poll(backend_, settings_, fetch_request(R"({"member":"m","wait_ms":60000})"));
  EXPECT_FALSE(poll.is_answered());
  EXPECT_EQ(1U, backend_.log.listeners());
  backend_.log.add_many(1);
  EXPECT_TRUE(poll.is_answered());
  EXPECT_THAT(poll.finish(), body_has(R"("next_after":1)"));
}

TEST_F(FetchTest, ALongPollSleepsOnOverWhatDoesNotMatch) {
  make_group(R"({"mode":"log","filter":{"aggregate_type":"other"}})");
  Pending poll(backend_, settings_, fetch_request(R"({"member":"m","wait_ms":60000})"));
  backend_.log.add_many(3);
  EXPECT_FALSE(poll.is_answered());
  StoredEvent match;
  match.aggregate_type = "other";
  backend_.log.add(match);
  EXPECT_TRUE(poll.is_answered());
  EXPECT_THAT(poll.finish(), body_has(R"({"events":[{"offset":4,)"));
}

TEST_F(FetchTest, ALongPollEndsAtItsTimeOrWhenTheDaemonStops) {
  make_group(R"({"mode":"log"})");
  EXPECT_THAT(fetch(R"({"member":"m","wait_ms":30})"), body_has(R"("events":[])"));
  Pending poll(backend_, settings_, fetch_request(R"({"member":"m","wait_ms":60000})"));
  EXPECT_FALSE(poll.is_answered());
  backend_.log.stop();
  EXPECT_TRUE(poll.is_answered());
  EXPECT_EQ(200U, poll.finish().status);
}

TEST_F(FetchTest, AMemberThatLeftIsToldInItsLongPoll) {
  make_group(R"({"mode":"log","filter":{"aggregate_type":"other"}})");
  Pending poll(backend_, settings_, fetch_request(R"({"member":"m","wait_ms":60000})"));
  EXPECT_EQ(204U, post("/v1/groups/g/leave", R"({"member":"m"})").status);
  StoredEvent match;
  match.aggregate_type = "other";
  backend_.log.add(match);
  EXPECT_TRUE(poll.is_answered());
  EXPECT_THAT(poll.finish(), is_problem(404, "not_found"));
}

TEST_F(FetchTest, UnknownGroupsAndBadBodiesAreRefused) {
  EXPECT_THAT(fetch(R"({"member":"m"})"), is_problem(404, "unknown_group"));
  EXPECT_THAT(fetch(R"({})"), is_problem(422, "missing_member"));
}

class MinOffsetTest : public AskTest {
 protected:
  static http::Request request(std::string offset, std::string wait) {
    return make_request("GET", "/v1/events", {},
                        {{"Daybook-Min-Offset", offset}, {"Daybook-Wait-Ms", wait}});
  }
};

TEST_F(MinOffsetTest, AViewThatIsThereAnswersAtOnce) {
  backend_.log.add_many(2);
  EXPECT_EQ(200U, get("/v1/events", {{"Daybook-Min-Offset", "2"}}).status);
}

TEST_F(MinOffsetTest, AViewThatIsNotThereIsWaitedFor) {
  Pending read(backend_, settings_, request("2", "60000"));
  backend_.log.add_many(1);
  EXPECT_FALSE(read.is_answered());
  backend_.log.add_many(1);
  EXPECT_TRUE(read.is_answered());
  EXPECT_EQ("2", header(read.finish(), "Daybook-Head"));
}

TEST_F(MinOffsetTest, AfterTheWaitItIsNotYet) {
  EXPECT_THAT(get("/v1/events", {{"Daybook-Min-Offset", "1"}, {"Daybook-Wait-Ms", "0"}}),
              is_problem(504, "not_yet"));
  EXPECT_THAT(get("/v1/events", {{"Daybook-Min-Offset", "1"}, {"Daybook-Wait-Ms", "30"}}),
              is_problem(504, "not_yet"));
}

TEST_F(MinOffsetTest, ADaemonThatStopsSaysSo) {
  Pending read(backend_, settings_, request("2", "60000"));
  backend_.log.stop();
  EXPECT_TRUE(read.is_answered());
  EXPECT_THAT(read.finish(), is_problem(503, "shutting_down"));
}

TEST_F(MinOffsetTest, BadHeadersAreRefused) {
  EXPECT_THAT(get("/v1/events", {{"Daybook-Min-Offset", "x"}}), is_problem(422, "bad_parameter"));
  for (const char* wait : {"x", "-1", "60001"})
    EXPECT_THAT(get("/v1/events", {{"Daybook-Min-Offset", "0"}, {"Daybook-Wait-Ms", wait}}),
                is_problem(422, "bad_parameter"));
}

}  // namespace
}  // namespace daybook::testing
