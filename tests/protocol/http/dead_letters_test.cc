// Dead letters of groups and replays.
#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kLetters = "/v1/groups/billing/dead-letters";

class DeadLettersTest : public AskTest {
 protected:
  void SetUp() override {
    send("PUT", "/v1/groups/billing", R"({"mode":"queue"})");
    for (int i = 1; i <= 4; ++i) {
      StoredEvent event;
      event.aggregate_id = i % 2 == 0 ? "even" : "odd";
      event.tags = {"n:" + std::to_string(i)};
      backend_.log.add(event);
    }
  }
  void bury(std::initializer_list<std::size_t> offsets, const std::string& queue = "billing") {
    for (const std::size_t offset : offsets)
      backend_.dead_letters.bury(queue, backend_.log.events()[offset - 1].view(), {});
  }
  http::Response retry(std::string body) {
    return post(std::string(kLetters) + "/retry", std::move(body));
  }
  http::Response discard(std::string body) {
    return post(std::string(kLetters) + "/discard", std::move(body));
  }
};

TEST_F(DeadLettersTest, OneIsShownWithItsHistory) {
  DeadLetterPage::Facts facts;
  facts.failures = {{4, FailureKind::nack, "w1", "no \"card\"", Timestamp{1'000'000}},
                    {5, FailureKind::timeout, "w2", "", Timestamp{2'000'000}}};
  facts.attempts = 5;
  facts.retried = 1;
  facts.held = 7;
  facts.died_at = Timestamp{2'000'000};
  backend_.dead_letters.bury("billing", backend_.log.events()[1].view(), facts);
  const http::Response response = get(std::string(kLetters) + "/2");
  EXPECT_EQ(200U, response.status);
  EXPECT_THAT(response, body_has(R"({"offset":2,"event":{"offset":2,"id":)"));
  EXPECT_THAT(response,
              body_has(R"("attempts":5,"retried":1,"retrying":false,"held":7,)"
                       R"("died_at":"1970-01-01T00:00:02.000000Z","failures":[)"
                       R"({"attempt":4,"kind":"nack","reason":"no \"card\"","member":"w1",)"
                       R"("at":"1970-01-01T00:00:01.000000Z"},)"
                       R"({"attempt":5,"kind":"timeout","reason":"","member":"w2",)"
                       R"("at":"1970-01-01T00:00:02.000000Z"}]})"));
}

TEST_F(DeadLettersTest, WhatIsNoneIsNotFound) {
  bury({3});
  for (const char* offset : {"/2", "/4", "/0"})
    EXPECT_THAT(get(kLetters + std::string(offset)), is_problem(404, "not_found")) << offset;
  EXPECT_THAT(get(std::string(kLetters) + "/x"), is_problem(422, "bad_parameter"));
  EXPECT_THAT(get("/v1/groups/none/dead-letters/3"), is_problem(404, "unknown_group"));
}

TEST_F(DeadLettersTest, TheyAreListedPageByPage) {
  bury({1, 2, 4});
  const http::Response first = get(std::string(kLetters) + "?limit=2");
  EXPECT_THAT(first.body, AllOf(HasSubstr(R"({"dead_letters":[{"offset":1,)"),
                                HasSubstr(R"(,{"offset":2,)"), Not(HasSubstr(R"({"offset":4,)"))));
  EXPECT_THAT(first, body_has(R"("next_after":2})"));
  const http::Response second = get(std::string(kLetters) + "?after=2");
  EXPECT_THAT(second, body_has(R"({"dead_letters":[{"offset":4,)"));
  EXPECT_THAT(second, body_has(R"("next_after":null})"));
}

TEST_F(DeadLettersTest, TheyAreFiltered) {
  bury({1, 2, 4});
  const http::Response even = get(std::string(kLetters) + "?aggregate_id=even&tag=n:4");
  EXPECT_THAT(even.body, AllOf(HasSubstr(R"([{"offset":4,)"), Not(HasSubstr(R"({"offset":2,)"))));
  for (const char* none :
       {"aggregate_type=x", "event_type=x.*", "correlation_id=x", "causation_id=x"})
    EXPECT_EQ(R"({"dead_letters":[],"next_after":null})",
              get(std::string(kLetters) + "?" + none).body);
  EXPECT_THAT(get(std::string(kLetters) + "?before=3"), is_problem(422, "unknown_parameter"));
  for (const char* wrong : {"limit=0", "limit=1001", "after=x"})
    EXPECT_THAT(get(std::string(kLetters) + "?" + wrong), is_problem(422, "bad_parameter"));
}

TEST_F(DeadLettersTest, SomeAreRetriedAndTheOthersNamed) {
  bury({1, 2});
  EXPECT_EQ(R"({"retried":1,"refused":[{"offset":3,"code":"not_found"}],"next_after":null})",
            retry(R"({"offsets":[3,2]})").body);
  EXPECT_THAT(get(std::string(kLetters) + "/2"), body_has(R"("retried":0,"retrying":true)"));
  EXPECT_EQ(R"({"retried":0,"refused":[{"offset":2,"code":"not_found"}],"next_after":null})",
            retry(R"({"offsets":[2]})").body);
}

TEST_F(DeadLettersTest, AFilterIsAppliedInSteps) {
  bury({1, 2, 3, 4});
  backend_.dead_letters.set_step(1);
  EXPECT_EQ(R"({"discarded":1,"refused":[],"next_after":2})",
            discard(R"({"filter":{"aggregate_id":"even"}})").body);
  EXPECT_EQ(R"({"discarded":1,"refused":[],"next_after":null})",
            discard(R"({"filter":{"aggregate_id":"even"},"after":2})").body);
  const http::Response left = get(kLetters);
  EXPECT_THAT(left.body, AllOf(HasSubstr(R"({"offset":1,)"), HasSubstr(R"({"offset":3,)"),
                               Not(HasSubstr(R"({"offset":2,)"))));
}

TEST_F(DeadLettersTest, AGroupWithoutAQueueHasNone) {
  send("PUT", "/v1/groups/plain", R"({"mode":"log"})");
  EXPECT_THAT(get("/v1/groups/plain/dead-letters"), is_problem(409, "wrong_mode"));
  EXPECT_THAT(get("/v1/groups/none/dead-letters"), is_problem(404, "unknown_group"));
  EXPECT_THAT(retry("{}"), is_problem(422, "missing_member"));
}

TEST_F(DeadLettersTest, ThoseOfAReplayAreItsOwn) {
  post("/v1/replays", R"({"group":"billing"})");
  const std::string path = "/v1/replays/replay-1/dead-letters";
  bury({1});
  bury({2, 3}, replay_name("replay-1"));
  EXPECT_THAT(get(path), body_has(R"({"dead_letters":[{"offset":2,)"));
  EXPECT_THAT(post(path + "/retry", R"({"offsets":[1,2]})"),
              body_has(R"({"retried":1,"refused":[{"offset":1)"));
  EXPECT_THAT(post(path + "/discard", R"({"filter":{}})"), body_has(R"({"discarded":1,)"));
  EXPECT_THAT(get(std::string(kLetters) + "/1"), body_has(R"("retrying":false)"));
  EXPECT_THAT(get("/v1/replays/none/dead-letters"), is_problem(404, "not_found"));
  EXPECT_THAT(get("/v1/replays/none/dead-letters?x=1"), is_problem(422, "unknown_parameter"));
  EXPECT_THAT(post("/v1/replays/none/dead-letters/discard", "{"), is_problem(400, "bad_json"));
  EXPECT_THAT(post("/v1/replays/none/dead-letters/retry", R"({"offsets":[1]})"),
              is_problem(404, "not_found"));
}

}  // namespace
}  // namespace daybook::testing
