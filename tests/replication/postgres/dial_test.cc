// Where a connection goes: URL, keywords, environment; and what is said when it cannot be opened.

#include "replication/postgres/dial.h"

#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <map>

#include "tests/replication/postgres/client.h"

namespace daybook::postgres {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A variable of the environment, until the end of the test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name_, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

std::string port_of(const PostgresServer& server) {
  return std::to_string(server.port());
}

// libpq's options of a connection that has begun.
std::map<std::string, std::string> options_of(const std::string& target) {
  const PqConnection connection = begin_to_connect(target);
  PQconninfoOption* options = PQconninfo(connection.get());
  std::map<std::string, std::string> values;
  for (const PQconninfoOption* one = options; one->keyword != nullptr; ++one)
    values[one->keyword] = one->val == nullptr ? "" : one->val;
  PQconninfoFree(options);
  return values;
}

TEST(DialTest, MayBeAUrlOrKeywords) {
  PostgresServer server;
  const std::string database = server.create_database();
  const std::string tcp_peer = "postgres@127.0.0.1:" + port_of(server) + '/' + database;
  const std::string socket_peer =
      "postgres@" + server.folder().string() + ':' + port_of(server) + '/' + database;
  const std::map<std::string, std::string> peers{
      {server.url(database), tcp_peer},
      {"host=127.0.0.1 user=postgres port=" + port_of(server) + " dbname=" + database, tcp_peer},
      // The first of these hosts refuses: libpq goes on with another socket.
      {"host=127.0.0.1,127.0.0.1 user=postgres port=1," + port_of(server) + " dbname=" + database,
       tcp_peer},
      {server.socket_url(database), socket_peer}};
  for (const auto& [target, peer] : peers) {
    Client client(target);
    EXPECT_EQ("", client.connection.peer());
    ASSERT_EQ("ok", text_of(client.open())) << target;
    EXPECT_EQ(database, client.value("SELECT current_database()"));
    EXPECT_EQ(peer, client.connection.peer());
  }
}

TEST(DialTest, TakesWhatItLeavesOutFromTheEnvironmentEachTime) {
  PostgresServer server;
  const std::string database = server.create_database();
  const Variable host("PGHOST", server.folder());
  const Variable port("PGPORT", port_of(server));
  const Variable user("PGUSER", "postgres");
  Client client("");
  {
    const Variable name("PGDATABASE", "nowhere");
    EXPECT_THAT(text_of(client.open()), HasSubstr("database \"nowhere\" does not exist"));
  }
  const Variable name("PGDATABASE", database);
  const Variable application("PGAPPNAME", "mine");
  ASSERT_EQ("ok", text_of(client.open()));
  EXPECT_EQ(database, client.value("SELECT current_database()"));
  EXPECT_EQ("mine", client.value("SHOW application_name"));
}

TEST(DialTest, HasItsOwnWayAgainstOurDefaults) {
  const auto ours = options_of("host=127.0.0.1 port=1");
  EXPECT_EQ("daybook", ours.at("fallback_application_name"));
  EXPECT_EQ("30", ours.at("keepalives_idle"));
  EXPECT_EQ("60000", ours.at("tcp_user_timeout"));
  const auto theirs = options_of(
      "postgresql://127.0.0.1:1/?application_name=mine&keepalives_idle=99&tcp_user_timeout=5"
      "&client_encoding=LATIN1");
  EXPECT_EQ("mine", theirs.at("application_name"));
  EXPECT_EQ("99", theirs.at("keepalives_idle"));
  EXPECT_EQ("5", theirs.at("tcp_user_timeout"));
  EXPECT_EQ("10", theirs.at("keepalives_interval"));
  EXPECT_EQ("UTF8", theirs.at("client_encoding"));  // What we send is nothing else.
}

TEST(DialTest, ShowsNoPasswordWhereItIsWrong) {
  PostgresServer server({.password = "right"});
  const std::string at = "@127.0.0.1:" + port_of(server) + "/postgres";
  Client right("postgresql://postgres:right" + at);
  ASSERT_EQ("ok", text_of(right.open()));
  EXPECT_THAT(right.connection.peer(), Not(HasSubstr("right")));
  Client wrong("postgresql://postgres:s3cr3t" + at);
  EXPECT_THAT(text_of(wrong.open()),
              AllOf(HasSubstr("127.0.0.1"), HasSubstr("password authentication failed"),
                    Not(HasSubstr("s3cr3t"))));
  EXPECT_FALSE(wrong.connection.is_open());
}

TEST(DialTest, ShowsNothingOfAPasswordThatItCannotRead) {
  for (const std::string target :
       {"postgresql://daybook:s3cr3t@x@127.0.0.1/db", "postgresql://daybook:s3cr3t/x@127.0.0.1/db",
        "postgres://daybook:a/s3cr3t@127.0.0.1:1/db", "postgresql://daybook:s3cr3t%zz@127.0.0.1/db",
        "postgresql:/daybook:s3cr3t@127.0.0.1/db", "host=127.0.0.1 password='s3cr3t",
        "host=127.0.0.1 password=x s3cr3t", "s3cr3t", "postgresql://daybook:x@[s3cr3t/db"}) {
    Client client(target);
    EXPECT_THAT(text_of(client.open()),
                AllOf(HasSubstr("cannot read it"), Not(HasSubstr("s3cr3t"))))
        << target;
  }
}

TEST(DialTest, SaysWhichHostRefuses) {
  Client client("postgresql://daybook:s3cr3t@127.0.0.1:1/events");
  EXPECT_THAT(text_of(client.open()),
              AllOf(HasSubstr("127.0.0.1"), HasSubstr("port 1 failed: Connection refused"),
                    Not(HasSubstr("s3cr3t")), Not(HasSubstr("\n"))));
}

TEST(DialTest, GivesUpAHostThatSaysNothing) {
  boost::asio::io_context io;
  const tcp::acceptor silent(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  const std::string port = std::to_string(silent.local_endpoint().port());
  Client client("postgresql://daybook:s3cr3t@127.0.0.1:" + port + "/events");
  EXPECT_EQ("connection to daybook@127.0.0.1:" + port + "/events failed: not ready within 50 ms",
            text_of(client.open(50ms)));
  EXPECT_FALSE(client.connection.is_open());

  // Its own patience wins.
  Client patient("postgresql://127.0.0.1:" + port + "/events?connect_timeout=1");
  EXPECT_THAT(text_of(patient.open(1h)), HasSubstr("not ready within 1000 ms"));
}

TEST(DialTest, GivesUpAServerThatIsFrozenAndFindsItAgain) {
  PostgresServer server;
  Client client(server.url());
  server.freeze();
  EXPECT_THAT(text_of(client.open(50ms)), HasSubstr("not ready within 50 ms"));
  server.thaw();
  ASSERT_EQ("ok", text_of(client.open()));
  ASSERT_EQ("ok", text_of(client.open()));  // Anew, of its own accord.
  EXPECT_EQ("1", client.value("SELECT 1"));
}

TEST(DialTest, CanBeClosedWhileItOpens) {
  PostgresServer server;
  Client client(server.url());
  server.freeze();
  Pending opening(client, client.connection.open(1h));
  EXPECT_FALSE(opening.run_for(20ms));
  client.connection.close();
  EXPECT_EQ("", state_of(opening.finish()));
  EXPECT_FALSE(client.connection.is_open());
}

}  // namespace
}  // namespace daybook::postgres
