// One connection, kept; answers of any status; failures by name.
#include "protocol/client/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <future>

#include "tests/protocol/client/scripted_server.h"

namespace daybook::client {
namespace {

namespace asio = boost::asio;
using daybook::testing::Script;
using daybook::testing::ScriptedServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

HttpClient client_of(const ScriptedServer& server) {
  return HttpClient(*parse_url(server.url()));
}

TEST(HttpClient, RequestsShareOneConnection) {
  ScriptedServer server(Script{{.body = "1"}, {.status = 404, .body = "2"}});
  HttpClient client = client_of(server);
  const auto first = client.send({.target = "/a?b=c"});
  const auto second = client.send({.method = "POST", .target = "/d", .body = "{}"});
  ASSERT_TRUE(first && second);
  EXPECT_EQ("1", first->body);
  EXPECT_TRUE(first->is_success());
  EXPECT_EQ(404u, second->status);
  EXPECT_EQ("application/json", second->header("content-TYPE"));
  EXPECT_THAT(server.lines(), ElementsAre("GET /a?b=c", "POST /d"));
  EXPECT_EQ("application/json", server.asked()[1].content_type);
  EXPECT_EQ(1, server.connections());
}

TEST(HttpClient, AClosedConnectionIsOpenedAnew) {
  ScriptedServer server(Script{{.body = "1", .closes = true}, {.body = "2"}});
  HttpClient client = client_of(server);
  EXPECT_EQ("1", client.send({.target = "/"})->body);
  EXPECT_EQ("2", client.send({.target = "/"})->body);
  EXPECT_EQ(2, server.connections());
}

TEST(HttpClient, AnAnswerThatNeverComesIsAnErrorAndNotARepeat) {
  ScriptedServer server(Script{{.drops = true}, {.body = "2"}});
  HttpClient client = client_of(server);
  const auto dropped = client.send({.method = "POST", .target = "/", .body = "{}"});
  ASSERT_FALSE(dropped);
  EXPECT_EQ(Errc::io_failed, dropped.error().code);
  EXPECT_EQ("2", client.send({.target = "/"})->body);
  EXPECT_EQ(2u, server.asked().size());
}

TEST(HttpClient, ACancelledRequestEndsAndSoDoLaterOnes) {
  asio::io_context io;
  asio::ip::tcp::acceptor silent(io, {asio::ip::address_v4::loopback(), 0});
  const auto port = std::to_string(silent.local_endpoint().port());
  HttpClient client(*parse_url("http://127.0.0.1:" + port), std::chrono::hours(1));
  auto answer = std::async(std::launch::async, [&] { return client.send({.target = "/"}); });
  const asio::ip::tcp::socket connection = silent.accept();
  client.cancel();
  EXPECT_EQ(Errc::io_failed, answer.get().error().code);
  EXPECT_EQ(Errc::io_failed, client.send({.target = "/"}).error().code);
}

TEST(HttpClient, WhereNobodyListensIsAnError) {
  std::string url;
  { url = ScriptedServer(Script{}).url(); }
  const auto refused = HttpClient(*parse_url(url)).send({.target = "/"});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("cannot be reached: Connection refused"));
}

TEST(HttpClient, AStreamComesPieceByPieceAndCanBeEnded) {
  ScriptedServer server(Script{{.body = std::string(1 << 20, 'x')}, {.body = "2"}});
  HttpClient client = client_of(server);
  std::size_t seen = 0;
  const auto ended = client.stream({.target = "/"}, [&](std::string_view piece) {
    seen += piece.size();
    return false;
  });
  ASSERT_TRUE(ended);
  EXPECT_GT(seen, 0u);
  EXPECT_LT(seen, std::size_t{1} << 20);
  EXPECT_EQ("2", client.send({.target = "/"})->body);
}

TEST(HttpClient, AWholeStreamIsHandedOverOnce) {
  const std::string body(300'000, 'y');
  ScriptedServer server(Script{{.body = body}});
  HttpClient client = client_of(server);
  std::string seen;
  const auto whole = client.stream({.target = "/"}, [&](std::string_view piece) {
    seen += piece;
    return true;
  });
  ASSERT_TRUE(whole);
  EXPECT_TRUE(seen == body);
  EXPECT_TRUE(whole->body.empty());
}

TEST(HttpClient, ARefusedStreamKeepsItsBody) {
  ScriptedServer server(Script{{.status = 422, .body = "why"}});
  HttpClient client = client_of(server);
  const auto refused = client.stream({.target = "/"}, [](std::string_view) { return true; });
  ASSERT_TRUE(refused);
  EXPECT_EQ("why", refused->body);
}

}  // namespace
}  // namespace daybook::client
