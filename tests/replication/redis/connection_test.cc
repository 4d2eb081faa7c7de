#include "replication/redis/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/replication/redis/redis_server.h"
#include "tests/replication/run.h"

namespace daybook::redis {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using daybook::test::run;
using daybook::testing::RedisServer;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

class RedisConnectionTest : public ::testing::Test {
 protected:
  Connection& connection(const std::string& url, std::string ca_file = {},
                         milliseconds timeout = milliseconds(10'000)) {
    connection_ = std::make_unique<Connection>(io_.get_executor(),
                                               ConnectionSettings{.url = *parse_url(url),
                                                                  .ca_file = std::move(ca_file),
                                                                  .connect_timeout = timeout,
                                                                  .answer_timeout = timeout});
    return *connection_;
  }
  // What opening fails with; empty: it does not.
  std::string open(Connection& connection) {
    const auto opened = run(io_, connection.open());
    EXPECT_EQ(opened.has_value(), connection.is_open());
    return opened ? "" : opened.error().detail;
  }
  Result<Reply> ask(std::vector<std::string_view> words) {
    return run(io_, connection_->ask(words));
  }
  Result<void> exchange(const std::string& commands, std::size_t replies) {
    return run(io_, connection_->exchange(commands, replies));
  }
  // Once what is begun next waits for the other side.
  void soon(std::function<void()> then) {
    later_.expires_after(milliseconds(20));
    later_.async_wait([then = std::move(then)](boost::system::error_code) { then(); });
  }
  static std::string publish(const std::string& channel, const std::string& text,
                             std::size_t times = 1) {
    std::string out;
    const std::vector<std::string_view> words{"PUBLISH", channel, text};
    for (std::size_t i = 0; i < times; ++i) append_command(out, words);
    return out;
  }

  asio::io_context io_{1};
  asio::steady_timer later_{io_};
  std::unique_ptr<Connection> connection_;
};

TEST_F(RedisConnectionTest, AsksAndSelectsAndIsNamed) {
  RedisServer server;
  ASSERT_EQ("", open(connection(server.url() + "/3")));
  EXPECT_EQ("OK", ask({"SET", "key", "value"})->text);
  EXPECT_EQ("value", ask({"GET", "key"})->text);
  EXPECT_THAT(ask({"CLIENT", "LIST"})->text, HasSubstr("name=daybook "));
  EXPECT_THAT(server.ask({"INFO", "keyspace"}).text, HasSubstr("db3:keys=1"));
  EXPECT_THAT(ask({"GET"}).error().detail, HasSubstr(server.url() + "/3: ERR wrong number"));
  EXPECT_TRUE(connection_->is_open()) << "a refusal ends nothing";
}

TEST_F(RedisConnectionTest, SendsMegabytesOfCommandsWithoutADeadlock) {
  RedisServer server;
  daybook::testing::Subscriber subscriber(server.port(), {"big*"});
  ASSERT_EQ("", open(connection(server.url())));
  // Each side has more to say than all buffers between them can hold.
  std::string echoes;
  const std::string text(1000, 'x');
  const std::vector<std::string_view> words{"ECHO", text};
  for (int i = 0; i < 20'000; ++i) append_command(echoes, words);
  ASSERT_TRUE(exchange(echoes, 20'000));
  const std::string big(16 << 20, 'y');
  ASSERT_TRUE(exchange(publish("big", big), 1));
  EXPECT_THAT(subscriber.wait_for(1), ElementsAre(Pair("big", big)));
}

TEST_F(RedisConnectionTest, AnErrorAmongTheRepliesFailsAnExchangeAndNothingElse) {
  RedisServer server;
  ASSERT_EQ("", open(connection(server.url())));
  std::string commands = publish("a", "1");
  const std::vector<std::string_view> xadd{"XADD", "s", "5-0", "event", "x"};
  append_command(commands, xadd);
  EXPECT_TRUE(exchange(commands, 2));
  const std::vector<std::string_view> wrong{"LPUSH", "s", "x"};
  append_command(commands, wrong);
  EXPECT_THAT(exchange(commands, 3).error().detail, HasSubstr("ERR The ID specified in XADD"));
  EXPECT_EQ("PONG", ask({"PING"})->text);
}

TEST_F(RedisConnectionTest, AuthenticatesAndNeverTellsThePassword) {
  RedisServer server({.password = "pa55word",
                      .lines = {"user events on >s3cret resetchannels &* -@all +publish"}});
  EXPECT_THAT(open(connection(server.url())), HasSubstr("NOAUTH"));
  EXPECT_EQ("", open(connection(server.url(":pa55word"))));
  EXPECT_EQ("", open(connection(server.url("events:s3cret"))))
      << "it may neither name itself nor ask for the role";
  EXPECT_TRUE(exchange(publish("a", "1"), 1));
  EXPECT_THAT(ask({"GET", "x"}).error().detail, HasSubstr("NOPERM"));
  for (const std::string credentials : {":wr0ng", "events:wr0ng", "nobody:wr0ng"}) {
    const std::string said = open(connection(server.url(credentials)));
    EXPECT_THAT(said, HasSubstr("WRONGPASS"));
    EXPECT_THAT(said, Not(HasSubstr("wr0ng")));
  }
  EXPECT_THAT(open(connection(server.url("events:s3cret") + "/1")), HasSubstr("NOPERM"))
      << "a database that it may not select";
}

TEST_F(RedisConnectionTest, AServerThatQuotesTheCommandIsNotQuoted) {
  RedisServer server({.lines = {"rename-command AUTH \"\""}});
  const std::string said = open(connection(server.url(":pa55word")));
  EXPECT_THAT(said, HasSubstr("AUTH is refused"));
  EXPECT_THAT(said, Not(HasSubstr("pa55word")));
}

TEST_F(RedisConnectionTest, SpeaksTlsToWhomItTrusts) {
  RedisServer server({.password = "pa55word", .tls = true, .lines = {"bind 127.0.0.1 127.0.0.2"}});
  std::string url = server.tls_url();
  url.insert(url.find("//") + 2, ":pa55word@");
  ASSERT_EQ("", open(connection(url, server.ca_file())));
  std::string echoes;
  const std::string text(1000, 'x');
  const std::vector<std::string_view> words{"ECHO", text};
  for (int i = 0; i < 5'000; ++i) append_command(echoes, words);
  ASSERT_TRUE(exchange(echoes, 5'000));
  EXPECT_EQ("PONG", ask({"PING"})->text);

  EXPECT_THAT(open(connection(url)), HasSubstr("certificate is refused"));
  url.replace(url.find("localhost"), 9, "127.0.0.1");
  EXPECT_EQ("", open(connection(url, server.ca_file())));
  url.replace(url.find("127.0.0.1"), 9, "127.0.0.2");
  EXPECT_THAT(open(connection(url, server.ca_file())), HasSubstr("IP address mismatch"));
  url.replace(0, 6, "redis");
  const std::string said = open(connection(url));
  EXPECT_THAT(said, StartsWith("redis://127.0.0.2:")) << "it expects TLS";
  EXPECT_THAT(said, Not(HasSubstr("pa55word")));
}

TEST_F(RedisConnectionTest, SaysWhereTheFileOfCertificatesIsMissing) {
  RedisServer server({.tls = true});
  EXPECT_THAT(open(connection(server.tls_url(), "/nowhere/ca.pem")), HasSubstr("/nowhere/ca.pem"));
}

TEST_F(RedisConnectionTest, RefusesAReplicaAndSeesAPrimaryBecomeOne) {
  RedisServer primary;
  RedisServer replica;
  replica.follow(primary);
  EXPECT_THAT(open(connection(replica.url())), HasSubstr("is no primary"));
  ASSERT_EQ("", open(connection(primary.url())));
  EXPECT_TRUE(run(io_, connection_->check_primary()));
  replica.promote();
  primary.follow(replica);
  EXPECT_FALSE(run(io_, connection_->check_primary()));
  EXPECT_EQ("", open(connection(replica.url())));
}

TEST_F(RedisConnectionTest, SaysWhyThereIsNoConnection) {
  std::string gone;
  {
    const RedisServer server;
    gone = server.url();
  }
  EXPECT_EQ(gone + "/0: Connection refused", open(connection(gone)));
  EXPECT_THAT(open(connection("redis://nowhere.invalid")), HasSubstr("cannot be resolved"));
  EXPECT_THAT(ask({"PING"}).error().detail, HasSubstr("cannot be resolved"));
}

TEST_F(RedisConnectionTest, APeerThatIsSilentIsGivenUp) {
  RedisServer server;
  ASSERT_EQ("", open(connection(server.url(), "", milliseconds(300))));
  server.pause();
  const std::string commands = publish("a", std::string(1 << 20, 'x'), 16);
  EXPECT_THAT(exchange(commands, 16).error().detail, HasSubstr("no answer for 300 ms"));
  EXPECT_FALSE(connection_->is_open());
  EXPECT_THAT(open(connection(server.url(), "", milliseconds(300))), HasSubstr("no answer for"));
  server.resume();
  EXPECT_EQ("", open(connection(server.url())));
}

TEST_F(RedisConnectionTest, AServerThatDiesFailsWhatIsUnderWayAndIsFoundAgain) {
  RedisServer server;
  Connection& opened = connection(server.url());
  ASSERT_EQ("", open(opened));
  server.kill();
  EXPECT_FALSE(exchange(publish("a", "1"), 1));
  EXPECT_FALSE(opened.is_open());
  server.start();
  ASSERT_EQ("", open(opened)) << "the same connection is opened again";
  EXPECT_TRUE(exchange(publish("a", "1"), 1));
}

TEST_F(RedisConnectionTest, CloseEndsWhatIsUnderWay) {
  RedisServer server;
  ASSERT_EQ("", open(connection(server.url())));
  server.pause();
  soon([this] { connection_->close(); });
  const std::string commands = publish("a", std::string(1 << 20, 'x'), 16);
  EXPECT_THAT(exchange(commands, 16).error().detail, HasSubstr("it was closed"));
  soon([this] { connection_->close(); });
  EXPECT_THAT(open(*connection_), HasSubstr("it was closed"));
  soon([this] { connection_.reset(); });
  EXPECT_THAT(run(io_, connection_->open()).error().detail, HasSubstr("it was closed"));
}

TEST_F(RedisConnectionTest, ReceivesMessagesAndIsClosedWhileItWaits) {
  RedisServer server;
  ASSERT_EQ("", open(connection(server.url(), "", milliseconds(300))));
  ASSERT_EQ("psubscribe", ask({"PSUBSCRIBE", "a.*"})->elements.at(0).text);
  server.ask({"PUBLISH", "a.b", "text"});
  const auto message = run(io_, connection_->receive());
  ASSERT_TRUE(message);
  EXPECT_EQ("a.b", message->elements.at(2).text);
  EXPECT_EQ("text", message->elements.at(3).text);
  soon([this] { connection_->close(); });
  EXPECT_THAT(run(io_, connection_->receive()).error().detail, HasSubstr("it was closed"));
}

TEST_F(RedisConnectionTest, APeerThatIsNoRedisIsRefused) {
  tcp::acceptor acceptor(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  tcp::socket peer(io_);
  const std::string hello = "220 mail.example ESMTP\r\n";
  acceptor.async_accept(peer, [&](boost::system::error_code) { peer.send(asio::buffer(hello)); });
  EXPECT_THAT(
      open(connection("redis://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()))),
      HasSubstr("is not Redis' protocol"));
}

}  // namespace
}  // namespace daybook::redis
