// Scanners of answers: nothing may depend on where the network cuts the bytes.
#include <gtest/gtest.h>

#include "bench/load/http_exchange.h"
#include "bench/load/nats.h"
#include "bench/load/redis_exchange.h"
#include "bench/load/redis_group.h"
#include "bench/load/ws_queue.h"

namespace daybook::load {
namespace {

struct Heard {
  unsigned answers = 0;
  unsigned failed = 0;
  std::string sent;
  friend bool operator==(const Heard&, const Heard&) = default;
};

// Lets the bytes arrive `step` at a time.
Heard hear(Exchange& exchange, std::string_view bytes, std::size_t step) {
  Heard heard;
  std::string in;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    in += bytes.substr(at, step);
    const Scanned scanned = exchange.scan(in, heard.sent);
    in.erase(0, scanned.consumed);
    heard.answers += scanned.answers;
    heard.failed += scanned.failed;
  }
  EXPECT_EQ("", in);
  return heard;
}

class Scanning : public testing::TestWithParam<std::size_t> {
 protected:
  static inline Corpus corpus;
};
INSTANTIATE_TEST_SUITE_P(Cuts, Scanning, testing::Values(1, 2, 7, 64, 100'000));

TEST_P(Scanning, CountsHttpAnswersAndTheirFailures) {
  HttpExchange http(corpus, "/v1/events", 1);
  const std::string bytes =
      "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nabcde"
      "HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\nX: y\r\n\r\n{}"
      "HTTP/1.1 204 No Content\r\n\r\n"
      "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ((Heard{.answers = 4, .failed = 1, .sent = ""}), hear(http, bytes, GetParam()));
  EXPECT_NE(std::string::npos, http.first_failure().find("409"));
}

TEST_P(Scanning, CountsRedisPipelinesAsOneAnswer) {
  RedisExchange redis(corpus, 2);
  const std::string bytes = "$3\r\n1-0\r\n$3\r\n1-1\r\n$3\r\n1-2\r\n-ERR no\r\n";
  EXPECT_EQ((Heard{.answers = 2, .failed = 1, .sent = ""}), hear(redis, bytes, GetParam()));
}

TEST_P(Scanning, CountsNatsAcksAndAnswersPings) {
  NatsExchange nats(corpus, 1);
  const std::string bytes =
      "INFO {}\r\nPING\r\nMSG _INBOX.load1 1 27\r\n{\"stream\":\"EVENTS\",\"seq\":1}\r\n"
      "MSG _INBOX.load1 1 21\r\n{\"error\":{\"code\":50}}\r\n";
  EXPECT_EQ((Heard{.answers = 2, .failed = 1, .sent = "PONG\r\n"}), hear(nats, bytes, GetParam()));
}

TEST_P(Scanning, AcksNatsMessagesAndCountsFetches) {
  NatsPullExchange nats(1, 2);
  const std::string bytes =
      "INFO {}\r\nMSG events 1 $JS.ACK.1 1\r\na\r\nPING\r\nMSG events 1 $JS.ACK.2 1\r\nb\r\n"
      "MSG events 1 $JS.ACK.3 1\r\nc\r\n";
  EXPECT_EQ((Heard{.answers = 1,
                   .failed = 0,
                   .sent = "PUB $JS.ACK.1 4\r\n+ACK\r\nPONG\r\nPUB $JS.ACK.2 4\r\n+ACK\r\n"
                           "PUB $JS.ACK.3 4\r\n+ACK\r\n"}),
            hear(nats, bytes, GetParam()));
}

TEST_P(Scanning, AcksRedisEntriesAndCountsXacks) {
  RedisGroupExchange redis(1, 2);
  const std::string bytes =
      "*1\r\n*2\r\n$6\r\nevents\r\n*2\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\ne\r\n$4\r\na\r\nb\r\n"
      "*2\r\n$4\r\n1-10\r\n*2\r\n$1\r\ne\r\n$0\r\n\r\n:2\r\n:1\r\n";
  EXPECT_EQ((Heard{.answers = 2,
                   .failed = 1,
                   .sent = "*5\r\n$4\r\nXACK\r\n$6\r\nevents\r\n$5\r\nbench\r\n$3\r\n1-0\r\n"
                           "$4\r\n1-10\r\n"}),
            hear(redis, bytes, GetParam()));
}

std::string server_frame(const std::string& text) {
  return {"\x81" + std::string(1, static_cast<char>(text.size())) + text};
}

TEST_P(Scanning, AcksFramesOfAQueueAndCountsBatches) {
  QueueLedger ledger(false);
  WsQueueExchange member(ledger, {.group = "g", .member = "m", .batch = 2});
  const std::string bytes =
      server_frame(R"({"op":"subscribed","sub":"q"})") +
      server_frame(R"({"op":"events","sub":"q","events":[{"offset":5,"attempt":1},)"
                   R"({"offset":6,"attempt":3}]})") +
      server_frame(R"({"op":"ok","ref":1})") + server_frame(R"({"op":"ok","ref":2})") +
      server_frame(R"({"op":"ok","ref":1,"refused":[{"offset":5,"code":"lease_expired"}]})");
  std::string ack;
  append_client_frame(ack, kWsText,
                      R"({"op":"ack","sub":"q","ref":2,"offsets":[5,6],"attempts":[1,3]})");
  EXPECT_EQ((Heard{.answers = 2, .failed = 1, .sent = ack}), hear(member, bytes, GetParam()));
  EXPECT_EQ(2U, ledger.taken());
  EXPECT_EQ(4U, ledger.finished());
}

TEST(Nats, TellsMessagesFromStatusLines) {
  const auto message = next_nats_op("MSG events 2 $JS.ACK.1 3\r\nabc\r\nMSG");
  ASSERT_TRUE(message);
  EXPECT_EQ(NatsOp::Kind::message, message->kind);
  EXPECT_EQ("$JS.ACK.1", message->reply);
  EXPECT_EQ("abc", message->payload);
  const auto status = next_nats_op("HMSG _INBOX.pull 1 16 16\r\nNATS/1.0 404\r\n\r\n\r\n");
  ASSERT_TRUE(status);
  EXPECT_EQ(NatsOp::Kind::status, status->kind);
}

TEST(Redis, AReplyWithFewerEntriesIsNoBatch) {
  RedisGroupExchange redis(1, 2);
  std::string out;
  EXPECT_THROW(redis.scan("*-1\r\n", out), std::runtime_error);
}

TEST(Queue, AnErrorEndsTheRun) {
  QueueLedger ledger(false);
  WsQueueExchange member(ledger, {.group = "g", .member = "m"});
  std::string out;
  EXPECT_THROW(member.scan(server_frame(R"({"op":"error","code":"unknown_group"})"), out),
               std::runtime_error);
}

TEST(Http, SendsTheLengthOfWhatItSends) {
  Corpus corpus;
  for (const unsigned batch : {1U, 100U}) {
    HttpExchange http(corpus, "/v1/events", batch);
    std::string request;
    http.write_next(request);
    const std::size_t body = request.find("\r\n\r\n") + 4;
    EXPECT_NE(std::string::npos,
              request.find("Content-Length: " + std::to_string(request.size() - body) + "\r\n"));
  }
}

}  // namespace
}  // namespace daybook::load
