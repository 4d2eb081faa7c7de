#include "protocol/http/sse.h"

#include "protocol/json/write_event.h"
#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

using http::SseCore;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr SseCore::Time kStart{};

Page page_up_to(std::uint64_t examined, std::uint64_t head) {
  Page page;
  page.examined = {examined};
  page.head = {head};
  if (examined < head) page.next = Offset{examined};
  return page;
}

StoredEvent event_at(std::uint64_t offset) {
  StoredEvent event;
  event.offset = {offset};
  return event;
}

std::string json_of(const StoredEvent& event) {
  std::string out;
  json::append_event(out, event.view());
  return out;
}

TEST(SseCore, AnEventIsAnUnnamedMessageWithItsOffset) {
  SseCore core({3}, kStart);
  std::string out;
  const StoredEvent event = event_at(7);
  core.event(out, event.offset, json_of(event));
  EXPECT_THAT(out, StartsWith("id: 7\ndata: {\"offset\":7,"));
  EXPECT_THAT(out, ::testing::EndsWith("}\n\n"));
  EXPECT_EQ(Offset{7}, core.position());
}

TEST(SseCore, CaughtUpIsToldWheneverTheHeadIsReachedAnew) {
  SseCore core({0}, kStart);
  std::string out;
  core.page_end(out, page_up_to(10, 20));
  EXPECT_EQ("", out);
  core.page_end(out, page_up_to(20, 20));
  EXPECT_EQ("event: caught_up\ndata: {\"offset\":20}\n\n", out);
  core.page_end(out, page_up_to(21, 21));
  EXPECT_EQ(1, std::ranges::count(out, '{'));
  core.page_end(out, page_up_to(30, 40));
  core.page_end(out, page_up_to(40, 40));
  EXPECT_EQ(2, std::ranges::count(out, '{'));
}

TEST(SseCore, ACheckpointComesEveryTenThousandFilteredEvents) {
  SseCore core({0}, kStart);
  std::string out;
  core.page_end(out, page_up_to(9'999, 50'000));
  core.tick(out, kStart);
  EXPECT_EQ("", out);
  core.page_end(out, page_up_to(10'000, 50'000));
  core.tick(out, kStart);
  EXPECT_EQ("event: checkpoint\nid: 10000\ndata: {\"offset\":10000}\n\n", out);
}

TEST(SseCore, WhatIsPassedOverCountsAsFiltered) {
  SseCore core({0}, kStart);
  std::string out;
  core.pass_over({9'999});
  core.tick(out, kStart);
  EXPECT_EQ("", out);
  core.pass_over({10'001});
  core.tick(out, kStart);
  EXPECT_EQ("event: checkpoint\nid: 10001\ndata: {\"offset\":10001}\n\n", out);
}

TEST(SseCore, ACheckpointComesEveryFiveSecondsAndAHeartbeatEveryFifteen) {
  SseCore core({4}, kStart);
  std::string out;
  core.tick(out, kStart + seconds(4));
  EXPECT_EQ("", out);
  EXPECT_EQ(seconds(1), core.until_due(kStart + seconds(4)));
  core.tick(out, kStart + seconds(5));
  EXPECT_EQ("event: checkpoint\nid: 4\ndata: {\"offset\":4}\n\n", out);
  core.tick(out, kStart + seconds(10));
  EXPECT_THAT(out, Not(HasSubstr(": heartbeat")));
  core.tick(out, kStart + seconds(15));
  EXPECT_THAT(out, HasSubstr("\n\n: heartbeat\n\n"));
}

TEST(SseCore, ACheckpointNeverPassesAnEventThatIsNotWritten) {
  SseCore core({0}, kStart);
  std::string out;
  const StoredEvent event = event_at(5);
  core.event(out, event.offset, json_of(event));
  out.clear();
  core.tick(out, kStart + seconds(5));  // The page of this event goes on.
  EXPECT_THAT(out, HasSubstr("id: 5\n"));
}

class SseTest : public AskTest {
 protected:
  http::Response tail(const std::string& query, const Headers& more = {}) {
    Headers headers{{"Accept", "text/event-stream"}};
    headers.insert(headers.end(), more.begin(), more.end());
    return get("/v1/events" + query, headers);
  }
};

TEST_F(SseTest, PastEventsComeFirstThenItHasCaughtUp) {
  backend_.log.add_many(3);
  http::Response response = tail("?after=1");
  EXPECT_EQ("text/event-stream", response.content_type);
  const std::string text = *run(response.stream->next());
  EXPECT_THAT(text, StartsWith("id: 2\n"));
  EXPECT_THAT(text, HasSubstr("\n\nid: 3\n"));
  EXPECT_THAT(text, HasSubstr("event: caught_up\ndata: {\"offset\":3}"));
}

TEST_F(SseTest, ItGoesOnWithWhatIsAppended) {
  http::Response response = tail("");
  EXPECT_THAT(*run(response.stream->next()), StartsWith("event: caught_up"));
  backend_.log.add_many(1);
  EXPECT_THAT(*run(response.stream->next()), StartsWith("id: 1\n"));
}

TEST_F(SseTest, LastEventIdWinsOverAfter) {
  backend_.log.add_many(4);
  http::Response response = tail("?after=0", {{"Last-Event-ID", "3"}});
  EXPECT_THAT(*run(response.stream->next()), StartsWith("id: 4\n"));
}

TEST_F(SseTest, ALargeBacklogComesInPieces) {
  backend_.log.add_many(2500);
  http::Response response = tail("");
  std::string text;
  while (text.find("caught_up") == text.npos) text += *run(response.stream->next());
  EXPECT_THAT(text, HasSubstr("id: 2500\n"));
}

TEST_F(SseTest, ItEndsWhenTheDaemonStops) {
  http::Response response = tail("");
  EXPECT_TRUE(run(response.stream->next()));
  backend_.log.stop();
  EXPECT_FALSE(run(response.stream->next()));
}

TEST_F(SseTest, ItEndsWhereAReadFails) {
  http::Response response = tail("");
  EXPECT_TRUE(run(response.stream->next()));
  backend_.log.add_many(1);
  backend_.log.fail_next({Errc::corrupted, "for a test"});
  EXPECT_FALSE(run(response.stream->next()));
}

TEST_F(SseTest, WhatMakesNoSenseForATailIsRefused) {
  for (const char* query : {"?order=desc", "?before=5", "?limit=5", "?explain=true", "?after=x"})
    EXPECT_THAT(tail(query), is_problem(422, "bad_parameter")) << query;
  EXPECT_THAT(tail("", {{"Last-Event-ID", "x"}}), is_problem(422, "bad_parameter"));
  EXPECT_THAT(tail("?colour=red"), is_problem(422, "unknown_parameter"));
  backend_.log.add_many(5);
  backend_.log.set_floor({3});
  EXPECT_THAT(tail("?after=1"), is_problem(410, "trimmed"));
}

}  // namespace
}  // namespace daybook::testing
