// One attempt, against real endpoints on loopback.
#include "replication/webhook/poster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fstream>

#include "replication/webhook/connection.h"
#include "replication/webhook/signature.h"
#include "storage/base/limits.h"
#include "storage/base/time.h"
#include "tests/replication/webhook/hook_server.h"

namespace daybook::webhook {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using Kind = Outcome::Kind;

constexpr milliseconds kShort{200};

std::string ok(const Received&) {
  return answer("204 No Content");
}

class PosterTest : public testing::Test {
 protected:
  // Names are at the addresses of `names_`; each question is counted.
  Resolve resolver() {
    return [this](const std::string& host, std::function<void(Resolved)> done) {
      ++resolved_;
      std::vector<Address> found;
      for (const std::string& text : names_[host]) found.push_back(*parse_address(text));
      Resolved answer = found;
      if (found.empty()) answer = Error{Errc::io_failed, host + " has no address"};
      if (!never_resolves_)
        boost::asio::post(io_, [done = std::move(done), answer] { done(answer); });
    };
  }

  Poster& poster(const std::string& url, const std::vector<std::string>& allow,
                 milliseconds timeout = milliseconds(10'000), std::string key = {}) {
    auto world = std::make_shared<Poster::World>();
    world->destinations = *Destinations::parse(allow);
    world->trust = *Trust::open(ca_file_);
    poster_ = std::make_unique<Poster>(
        io_.get_executor(), world,
        Poster::Target{.url = url, .key = std::move(key), .timeout = timeout}, resolver());
    return *poster_;
  }

  struct Keep {
    std::optional<Outcome>& outcome;
    void operator()(std::exception_ptr escaped, Outcome result) const {
      if (escaped) std::rethrow_exception(escaped);
      outcome = std::move(result);
    }
  };

  Outcome post(Message message = {.id = "g-1", .body = "{}"}) {
    std::optional<Outcome> outcome;
    boost::asio::co_spawn(io_, poster_->post(std::move(message)), Keep{outcome});
    io_.restart();
    while (!outcome) io_.run_one();
    return *outcome;
  }

  // The endpoint's certificate is the one authority that is trusted beside the system's.
  void trust(const Identity& identity) {
    // Of this test alone: others run beside it, and `poster` reads the file again.
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    ca_file_ = testing::TempDir() + "/webhook_ca_" + test->name() + ".pem";
    std::ofstream(ca_file_) << identity.certificate;
  }

  boost::asio::io_context io_{1};
  std::map<std::string, std::vector<std::string>> names_;
  int resolved_ = 0;
  bool never_resolves_ = false;
  std::string ca_file_;
  std::unique_ptr<Poster> poster_;
};

TEST_F(PosterTest, PostsWhatItIsGivenAndAcksOn2xx) {
  HookServer server(ok);
  poster(server.url(), {"127.0.0.1"}, milliseconds(10'000), "key");
  EXPECT_EQ(Kind::acked, post({.id = "g-42", .body = R"({"a":1})"}).kind);
  const auto received = server.received();
  ASSERT_EQ(1U, received.size());
  EXPECT_EQ("POST", received[0].method);
  EXPECT_EQ("/hook", received[0].target);
  EXPECT_EQ(R"({"a":1})", received[0].body);
  auto headers = received[0].headers;
  EXPECT_EQ("127.0.0.1:" + std::to_string(server.port()), headers["host"]);
  EXPECT_EQ("application/cloudevents+json; charset=utf-8", headers["content-type"]);
  EXPECT_EQ("g-42", headers["webhook-id"]);
  const std::int64_t timestamp = std::stoll(headers["webhook-timestamp"]);
  EXPECT_LE(std::abs(timestamp - now().micros / 1'000'000), 10);
  EXPECT_EQ(signature("key", {.id = "g-42", .timestamp = timestamp, .body = R"({"a":1})"}),
            headers["webhook-signature"]);
}

TEST_F(PosterTest, SignsNothingWithoutAKey) {
  HookServer server(ok);
  poster(server.url(), {"127.0.0.1"});
  EXPECT_EQ(Kind::acked, post().kind);
  EXPECT_FALSE(server.received().at(0).headers.contains("webhook-signature"));
}

TEST_F(PosterTest, TellsWhatTheEndpointSaid) {
  std::string status = "500 Oh no";
  std::string body = "what\na pity" + std::string(1000, '!');
  HookServer server([&](const Received&) { return answer(status, body); });
  poster(server.url(), {"127.0.0.1"});
  const Outcome outcome = post();
  EXPECT_EQ(Kind::failed, outcome.kind);
  EXPECT_EQ("answered 500 Oh no: what a pity" + std::string(182, '!'), outcome.reason);

  body = std::string(192, 'x') + "\u00fc";
  EXPECT_EQ("answered 500 Oh no: " + std::string(192, 'x'), post().reason) << "no half a letter";
  status = "500 " + std::string(1000, '?');
  EXPECT_EQ("answered 500 " + std::string(200, '?'), post().reason);
}

TEST_F(PosterTest, HeedsRetryAfterOf429And503Alone) {
  std::string status;
  std::string header;
  HookServer server([&](const Received&) { return answer(status, "", header); });
  poster(server.url(), {"127.0.0.1"});
  header = "Retry-After: 120\r\n";
  for (const char* later : {"429 Too Many Requests", "503 Service Unavailable"}) {
    status = later;
    const Outcome outcome = post();
    EXPECT_EQ(Kind::later, outcome.kind);
    EXPECT_EQ(seconds(120), outcome.delay);
    EXPECT_EQ("answered " + status, outcome.reason);
  }
  status = "500 Internal Server Error";
  EXPECT_EQ(Kind::failed, post().kind);
  status = "503 Service Unavailable";
  header = "";
  EXPECT_EQ(Kind::failed, post().kind);
  header = "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n";
  EXPECT_EQ(seconds(limits::delay_max), post().delay);
}

TEST_F(PosterTest, FollowsNoRedirect) {
  HookServer elsewhere(ok);
  HookServer server([&](const Received&) {
    return answer("307 Temporary Redirect", "", "Location: " + elsewhere.url() + "\r\n");
  });
  poster(server.url(), {"127.0.0.1"});
  const Outcome outcome = post();
  EXPECT_EQ(Kind::failed, outcome.kind);
  EXPECT_EQ("answered 307 Temporary Redirect (redirects are not followed)", outcome.reason);
  EXPECT_EQ(0U, elsewhere.connections());
}

TEST_F(PosterTest, PassesInterimAnswersOver) {
  HookServer server([](const Received&) {
    return "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + answer("200 OK", "x");
  });
  poster(server.url(), {"127.0.0.1"});
  EXPECT_EQ(Kind::acked, post().kind);
  EXPECT_EQ(Kind::acked, post().kind);
  EXPECT_EQ(1U, server.connections());
}

TEST_F(PosterTest, ReadsNoMoreOfAnAnswerThanItsBound) {
  std::string headers = "Content-Length: 1000000000000\r\n\r\n";
  HookServer server([&](const Received&) {
    return "HTTP/1.1 200 OK\r\n" + headers + std::string(answer_bytes_max + 1, 'x');
  });
  poster(server.url(), {"127.0.0.1"});
  EXPECT_EQ(Kind::acked, post().kind);
  EXPECT_EQ(Kind::acked, post().kind);
  EXPECT_EQ(2U, server.connections()) << "what was not read to its end is not used again";
  headers = "X: " + std::string(64 << 10, 'x') + "\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(Kind::failed, post().kind);
}

TEST_F(PosterTest, OneDeadlineBoundsItAll) {
  Gate gate;
  std::string bytes;
  HookServer server([&](const Received&) {
    if (bytes.empty()) gate.wait();
    return bytes;
  });
  poster(server.url(), {"127.0.0.1"}, kShort);
  const Outcome silent = post();
  EXPECT_EQ(Kind::failed, silent.kind);
  EXPECT_EQ("no answer: timed out", silent.reason);

  bytes = "HTTP/1.1 200 OK\r\nContent-Le";
  EXPECT_EQ("no answer: timed out", post().reason);
  bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab";
  EXPECT_EQ(Kind::acked, post().kind) << "the status says it";

  never_resolves_ = true;
  poster("http://a.example/", {"a.example"}, kShort);
  EXPECT_EQ("a.example was not resolved in time", post().reason);
  gate.open();
}

TEST_F(PosterTest, WhatIsNoHttpIsAFailure) {
  HookServer server([](const Received&) { return std::string("SSH-2.0-OpenSSH\r\n\r\n"); });
  poster(server.url(), {"127.0.0.1"});
  EXPECT_THAT(post().reason, HasSubstr("no answer: "));
}

TEST_F(PosterTest, ConnectsOnlyToAddressesThatAreAllowed) {
  HookServer server(ok);
  const std::string url = server.url("a.example");
  names_["a.example"] = {"127.0.0.1"};
  poster(url, {"a.example"});
  EXPECT_EQ("a.example is at 127.0.0.1, where webhook.allow lets nothing be pushed", post().reason);
  poster(url, {"a.example", "127.0.0.1:1"});
  EXPECT_EQ(Kind::failed, post().kind);
  poster(url, {});
  EXPECT_THAT(post().reason, HasSubstr("webhook.allow does not name a.example"));
  EXPECT_EQ(0U, server.connections());

  names_["a.example"] = {"10.0.0.1", "127.0.0.1"};
  poster(url, {"a.example", "127.0.0.1"});
  EXPECT_EQ(Kind::acked, post().kind);
  EXPECT_EQ("a.example:" + std::to_string(server.port()), server.received()[0].headers["host"]);
}

TEST_F(PosterTest, TriesEachAddressOfAName) {
  HookServer server(ok);
  names_["a.example"] = {"127.0.0.2", "127.0.0.1"};
  poster(server.url("a.example"), {"127.0.0.0/8"});
  EXPECT_EQ(Kind::acked, post().kind);
  names_["a.example"] = {"127.0.0.3", "127.0.0.2"};
  EXPECT_THAT(post().reason, HasSubstr("127.0.0.2 cannot be reached: "));
  names_["a.example"].clear();
  EXPECT_EQ("a.example has no address", post().reason);
}

TEST_F(PosterTest, KeepsConnectionsButResolvesEachTime) {
  HookServer server(ok);
  names_["a.example"] = {"127.0.0.1"};
  poster(server.url("a.example"), {"127.0.0.0/8"});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Kind::acked, post().kind);
  EXPECT_EQ(1U, server.connections());
  EXPECT_EQ(3, resolved_);
}

TEST_F(PosterTest, AKeptConnectionIsNotUsedOnceTheNameHasMoved) {
  HookServer server(ok);
  names_["a.example"] = {"127.0.0.1"};
  poster(server.url("a.example"), {"127.0.0.1"});
  EXPECT_EQ(Kind::acked, post().kind);
  names_["a.example"] = {"169.254.169.254"};
  EXPECT_THAT(post().reason, HasSubstr("a.example is at 169.254.169.254"));
  EXPECT_EQ(1U, server.received().size());
}

TEST_F(PosterTest, AConnectionThatTheEndpointClosedMeanwhileIsNoFailure) {
  bool closes = false;
  HookServer server([&](const Received& request) {
    return closes && request.connection == 1 ? std::string() : answer("200 OK");
  });
  poster(server.url(), {"127.0.0.1"});
  EXPECT_EQ(Kind::acked, post().kind);
  closes = true;
  EXPECT_EQ(Kind::acked, post().kind);
  EXPECT_EQ(2U, server.connections());
}

TEST_F(PosterTest, AnEndpointThatClosesWithoutAnAnswerIsAFailure) {
  HookServer server([](const Received&) { return std::string(); });
  poster(server.url(), {"127.0.0.1"});
  EXPECT_THAT(post().reason, HasSubstr("no answer: "));
  EXPECT_EQ(1U, server.received().size());
}

TEST_F(PosterTest, SpeaksTlsToWhomItTrusts) {
  const Identity identity = make_identity();
  trust(identity);
  HookServer server(ok, identity);
  names_["localhost"] = {"127.0.0.1"};
  poster(server.url("localhost"), {"127.0.0.1"});
  EXPECT_EQ(Kind::acked, post().kind);
  EXPECT_EQ(Kind::acked, post().kind);
  EXPECT_EQ(1U, server.connections()) << "a TLS connection is kept, too";
  poster(server.url("127.0.0.1"), {"127.0.0.1"});
  const auto by_address = post();
  EXPECT_EQ(Kind::acked, by_address.kind) << by_address.reason;
}

TEST_F(PosterTest, RefusesACertificateOfNobodyItTrusts) {
  HookServer server(ok, make_identity());
  names_["localhost"] = {"127.0.0.1"};
  poster(server.url("localhost"), {"127.0.0.1"});
  EXPECT_EQ("127.0.0.1 its certificate is refused: self-signed certificate", post().reason);
  EXPECT_TRUE(server.received().empty());
}

TEST_F(PosterTest, RefusesACertificateOfAnotherHost) {
  const Identity identity = make_identity("DNS:other.example,IP:127.0.0.2");
  trust(identity);
  HookServer server(ok, identity);
  names_["localhost"] = {"127.0.0.1"};
  poster(server.url("localhost"), {"127.0.0.1"});
  EXPECT_THAT(post().reason, HasSubstr("certificate is refused: hostname mismatch"));
  poster(server.url("127.0.0.1"), {"127.0.0.1"});
  EXPECT_THAT(post().reason, HasSubstr("certificate is refused: IP address mismatch"));
  EXPECT_TRUE(server.received().empty());
}

TEST_F(PosterTest, RefusesAnEndpointWithoutTls) {
  HookServer server(ok);
  std::string url = server.url();
  poster(url.replace(0, 4, "https"), {"127.0.0.1"}, kShort);
  EXPECT_THAT(post().reason, HasSubstr("no TLS: "));
}

TEST_F(PosterTest, CancelEndsWhatIsUnderWay) {
  Gate gate;
  HookServer server([&](const Received&) {
    boost::asio::post(io_, [this] { poster_->cancel(); });
    gate.wait();
    return std::string();
  });
  poster(server.url(), {"127.0.0.1"});
  EXPECT_EQ(Kind::cancelled, post().kind);
  EXPECT_EQ(Kind::cancelled, post().kind) << "and what comes later";
  gate.open();
  EXPECT_EQ(1U, server.received().size());

  never_resolves_ = true;
  poster("http://a.example/", {"a.example"});
  boost::asio::post(io_, [this] { poster_->cancel(); });
  EXPECT_EQ(Kind::cancelled, post().kind);
}

TEST(Trust, NeedsItsFile) {
  const auto trust = Trust::open("/nowhere/ca.pem");
  ASSERT_FALSE(trust);
  EXPECT_EQ(Errc::bad_value, trust.error().code);
  EXPECT_THAT(trust.error().detail, HasSubstr("/nowhere/ca.pem"));
}

}  // namespace
}  // namespace daybook::webhook
