// A daemon that publishes in a real Redis, and appends what is published there.
#include <gmock/gmock.h>

#include "tests/daemon/followers/daemon_fixture.h"
#include "tests/replication/redis/redis_server.h"

namespace daybook::test {
namespace {

using daybook::testing::RedisServer;
using daybook::testing::Subscriber;
using ::testing::HasSubstr;

class RedisDaemonTest : public DaemonTest {
 protected:
  RedisDaemonTest() {
    config_.redis.url = server_.url();
    config_.redis.channels = {"all"};
    config_.redis.envelope = true;
  }
  ~RedisDaemonTest() override { stop(); }  // Before the server.

  // The offsets of the messages of the channel "all".
  static std::vector<std::string> offsets(const std::vector<Subscriber::Message>& messages) {
    std::vector<std::string> offsets;
    for (const auto& [channel, text] : messages) {
      const std::size_t at = text.find("\"offset\":") + 9;
      if (channel == "all") offsets.push_back(text.substr(at, text.find(',', at) - at));
    }
    return offsets;
  }

  RedisServer server_;
};

TEST_F(RedisDaemonTest, EventsArePublishedInOrderAndAfterARestartFromTheCheckpoint) {
  start();
  expect_reached("redis", 0);
  Subscriber subscriber(server_.port(), {"all"});
  append(3);
  EXPECT_THAT(offsets(subscriber.wait_for(3)), ::testing::ElementsAre("1", "2", "3"));
  expect_reached("redis", 3);
  EXPECT_THAT(get("/metrics"), HasSubstr("daybook_follower_events_total{follower=\"redis\"} 3\n"));
  EXPECT_THAT(get("/v1/groups"), HasSubstr(R"({"groups":[],)"));
  stop();
  server_.stop();
  start();
  append(2);
  expect_shown("redis", R"("phase":"failing")");
  server_.start();
  Subscriber again(server_.port(), {"all"});
  append(1);
  expect_reached("redis", 6);
  const auto messages = offsets(again.wait_for(1));
  EXPECT_EQ("6", messages.back());
}

TEST_F(RedisDaemonTest, AStartFromNowOnLeavesNothingOutThatComesWhileRedisIsAway) {
  start();
  append(2);
  expect_reached("redis", 2);
  stop();
  server_.stop();
  config_.redis.start = config::Redis::Start::now;
  start();
  expect_shown("redis", R"("phase":"failing")");
  append(3);
  const RedisServer other;
  Subscriber subscriber(other.port(), {"all"});
  config_.redis.url = other.url();
  daemon_->reload(config_);
  EXPECT_THAT(offsets(subscriber.wait_for(3)), ::testing::ElementsAre("3", "4", "5"));
  stop();  // Before `other`.
}

TEST_F(RedisDaemonTest, MessagesOfOldProducersAreAppendedAndWhatCannotBeReadHasItsGroup) {
  config_.redis.channels.clear();
  config_.redis.ingest = {"old:*"};
  start();
  expect_shown("redis-ingest", R"("phase":"following")");
  const std::string id = "550e8400-e29b-41d4-a716-446655440000";
  server_.ask({"PUBLISH", "old:a",
               R"({"event_type":"old.thing","aggregate_type":"old","aggregate_id":")" + id +
                   R"(","payload":{"n":1},"metadata":{}})"});
  server_.ask({"PUBLISH", "old:a", "no json"});
  const std::string fetched =
      send("POST", "/v1/groups/redis-ingest-refused/fetch", R"({"member":"m","wait_ms":60000})")
          .body;
  EXPECT_THAT(fetched, HasSubstr(R"("event_type":"redis.message.refused")"));
  EXPECT_THAT(get("/v1/events?event_type=old.thing"), HasSubstr(id));
  EXPECT_EQ(409u, send("POST", "/v1/projections/redis-ingest/pause").status);
  EXPECT_EQ(409u, send("POST", "/v1/projections/redis/rebuild").status);
}

}  // namespace
}  // namespace daybook::test
