// Against a small echo of Beast's own.
#include "protocol/client/ws_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <thread>

#include "tests/protocol/client/scripted_server.h"

namespace daybook::client {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using std::chrono::milliseconds;

// Sends each message back; "bye" closes with 1001.
class EchoServer {
 public:
  EchoServer() : thread_([this] { serve(); }) {}
  ~EchoServer() { thread_.join(); }
  Url url() const { return {"127.0.0.1", std::to_string(acceptor_.local_endpoint().port())}; }

 private:
  void serve() {
    boost::system::error_code failed;
    websocket::stream<tcp::socket> stream(io_);
    acceptor_.accept(stream.next_layer(), failed);
    stream.accept(failed);
    while (!failed) {
      boost::beast::flat_buffer buffer;
      stream.read(buffer, failed);
      if (failed) return;
      if (boost::beast::buffers_to_string(buffer.data()) == "bye")
        stream.close(websocket::close_code::going_away, failed);
      else
        stream.write(buffer.data(), failed);
    }
  }

  asio::io_context io_;
  tcp::acceptor acceptor_{io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::thread thread_;
};

TEST(WsClient, MessagesGoBothWays) {
  EchoServer server;
  auto client = WsClient::connect(server.url());
  ASSERT_TRUE(client) << client.error().detail;
  ASSERT_TRUE(client->send("one"));
  ASSERT_TRUE(client->send("two"));
  EXPECT_EQ("one", client->receive(milliseconds{5000}).value());
  EXPECT_EQ("two", client->receive(milliseconds{5000}).value());
  EXPECT_TRUE(client->close());
}

TEST(WsClient, ATimeoutLosesNothing) {
  EchoServer server;
  auto client = WsClient::connect(server.url());
  ASSERT_TRUE(client);
  EXPECT_EQ(std::nullopt, client->receive(milliseconds{1}).value());
  ASSERT_TRUE(client->send("late"));
  EXPECT_EQ("late", client->receive(milliseconds{5000}).value());
}

TEST(WsClient, AServersGoodbyeTellsWhy) {
  EchoServer server;
  auto client = WsClient::connect(server.url());
  ASSERT_TRUE(client);
  ASSERT_TRUE(client->send("bye"));
  const auto ended = client->receive(milliseconds{5000});
  ASSERT_FALSE(ended);
  EXPECT_EQ(Errc::shutting_down, ended.error().code);
  EXPECT_EQ(1001u, client->close_code());
}

TEST(WsClient, ARefusedUpgradeNamesTheStatus) {
  daybook::testing::ScriptedServer server(
      daybook::testing::Script{{.status = 403, .body = "no", .closes = true}});
  const auto client = WsClient::connect(*parse_url(server.url()));
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().detail, ::testing::StartsWith("403"));
}

}  // namespace
}  // namespace daybook::client
