// Scanners of answers: nothing may depend on where the network cuts the bytes.
#include <gtest/gtest.h>

#include "bench/load/http_exchange.h"
#include "bench/load/nats.h"
#include "bench/load/redis_exchange.h"

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
