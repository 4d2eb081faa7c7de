// What happens to a server as a whole: each test has one of its own.
#include <fstream>

#include "replication/postgres/projection_sink.h"
#include "tests/replication/postgres/projection_test.h"

namespace daybook::postgres {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPassword = "first-secret";

struct OwnServer {
  PostgresServer own{{.password = kPassword}};
};

class ServerFaultsTest : private OwnServer, public ProjectionTest {
 protected:
  ServerFaultsTest() : ProjectionTest(own) {}
  PostgresServer& server() { return own; }
};

TEST_F(ServerFaultsTest, AServerThatIsAbsentAtTheStartIsWaitedFor) {
  add(5);
  server().stop();
  Running& running = follow(live());
  until([&] { return running.state().failures > 2; });
  server().start();
  until_posted(running);
  expect_exact();
}

TEST_F(ServerFaultsTest, AServerThatDiesAndComesBackHasEverythingOnce) {
  Running& running = follow(live());
  int pages = 0;
  hooks_->at = [&](const std::string& step) {
    if (step != "in the copy" || ++pages % 3 != 0 || pages > 9) return;
    server().kill();
    server().start();
  };
  for (int i = 0; i < 10; ++i) {
    add(7);
    until_posted(running);
  }
  EXPECT_LE(3u, running.state().failures);
  expect_exact();
}

TEST_F(ServerFaultsTest, AServerThatIsStoppedHoldsNobodyUp) {
  Running& running = follow(live());
  add(5);
  until_posted(running);
  server().freeze();
  add(20);
  context_.run_for(milliseconds(100));
  EXPECT_EQ(Offset{5}, running.state().checkpoint);
  server().thaw();
  until_posted(running);
  EXPECT_EQ(0u, running.state().failures);
  server().freeze();
  add(5);
  context_.run_for(milliseconds(20));
  stop(running);
  server().thaw();
  Running& next = follow(live());
  until_posted(next);
  expect_exact();
}

TEST_F(ServerFaultsTest, APasswordThatWasChangedIsToldAndNotShown) {
  Running& running = follow(live());
  add(5);
  until_posted(running);
  sql("ALTER USER postgres PASSWORD 'second-secret'; SELECT pg_terminate_backend(pid) "
      "FROM pg_stat_activity WHERE application_name = 'daybook'");
  add(5);
  until_told(running, "password authentication failed");
  for (const std::string& line : running.told) EXPECT_THAT(line, Not(HasSubstr("secret")));
  sql(std::string("ALTER USER postgres PASSWORD '") + kPassword + "'");
  until_posted(running);
  expect_exact();
}

TEST_F(ServerFaultsTest, PostsOverAUnixSocketToo) {
  target_ = server().socket_url(database_);
  Running& running = follow(live());
  add(5);
  until_posted(running);
  expect_exact();
}

TEST_F(ServerFaultsTest, AStandbyIsNotWrittenTo) {
  Running& running = follow(live());
  add(5);
  until_posted(running);
  const auto signal = server().folder() / "data/standby.signal";
  server().stop();
  std::ofstream(signal).flush();
  server().start();
  add(5);
  until_told(running, "the server is read-only (a standby?)");
  server().stop();
  std::filesystem::remove(signal);
  server().start();
  until_posted(running);
  expect_exact();
}

}  // namespace
}  // namespace daybook::postgres
