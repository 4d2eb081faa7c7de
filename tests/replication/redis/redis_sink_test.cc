#include "replication/redis/redis_sink.h"

#include "tests/replication/redis/sink_fixture.h"

namespace daybook::redis {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

TEST_F(RedisSinkTest, PublishesEveryEventInOrderAndEveryForm) {
  RedisServer server;
  SinkSettings with = settings(server.url());
  with.legacy_channel = "l01:events";
  with.channels = {*ChannelTemplate::parse("by-id:{aggregate_id}"), *ChannelTemplate::parse("all")};
  Subscriber subscriber(server.port(), {"*"});
  append(3);
  start(with);
  ASSERT_EQ("", post());
  EXPECT_THAT(subscriber.wait_for(12),
              ElementsAre(Pair("events:task", message(MessageForm::full, 1)),
                          Pair("l01:events", message(MessageForm::legacy, 1)),
                          Pair("by-id:1", message(MessageForm::native, 1, 0)),
                          Pair("all", message(MessageForm::native, 1, 0)),
                          Pair("events:task", message(MessageForm::full, 2)),
                          Pair("l01:events", message(MessageForm::legacy, 2)),
                          Pair("by-id:2", message(MessageForm::native, 2, 0)),
                          Pair("all", message(MessageForm::native, 2, 1)),
                          Pair("events:agent", message(MessageForm::full, 3)),
                          Pair("l01:events", message(MessageForm::legacy, 3)),
                          Pair("by-id:0", message(MessageForm::native, 3, 0)),
                          Pair("all", message(MessageForm::native, 3, 2))));
}

TEST_F(RedisSinkTest, AnEnvelopeNamesTheMessageBeforeAlsoAfterARestart) {
  RedisServer server;
  SinkSettings with = settings(server.url());
  with.legacy_channel = "l01:events";
  with.envelope = true;
  append(4);
  start(with);
  ASSERT_EQ("", post());
  append(2);
  start(with);
  Subscriber subscriber(server.port(), {"*"});
  ASSERT_EQ("", post());
  // 3 and 6 are of "agent", the others of "task".
  EXPECT_THAT(subscriber.wait_for(4),
              ElementsAre(Pair("events:task", message(MessageForm::full, 5, 4)),
                          Pair("l01:events", message(MessageForm::legacy, 5, 4)),
                          Pair("events:agent", message(MessageForm::full, 6, 3)),
                          Pair("l01:events", message(MessageForm::legacy, 6, 5))));
}

TEST_F(RedisSinkTest, AGapIsSeenInTheOffsetBefore) {
  RedisServer server;
  SinkSettings with = settings(server.url());
  with.channels = {*ChannelTemplate::parse("all")};
  append(3);
  start(with);
  ASSERT_EQ("", post());  // Nobody hears it.
  Subscriber subscriber(server.port(), {"all"});
  append(1);
  ASSERT_EQ("", post());
  EXPECT_THAT(subscriber.wait_for(1), ElementsAre(Pair("all", HasSubstr("\"previous_offset\":3"))));
}

TEST_F(RedisSinkTest, TheVeryFirstStartBeginsAtTheHead) {
  RedisServer server;
  append(5);
  book_.checkpoint.reset();
  start(settings(server.url()));
  EXPECT_EQ(Offset{5}, *run(io_, sink_->open()));
  EXPECT_EQ(Offset{5}, *book_.checkpoint);
}

TEST_F(RedisSinkTest, WhatIsAppendedWhileRedisIsAbsentAtTheFirstStartIsPublished) {
  RedisServer server;
  server.kill();
  append(5);
  book_.checkpoint.reset();
  start(settings(server.url()));
  EXPECT_THAT(post(), HasSubstr("Connection refused"));
  EXPECT_EQ(Offset{5}, *book_.checkpoint);
  append(1);
  server.start();
  Subscriber subscriber(server.port(), {"*"});
  ASSERT_EQ("", post());
  EXPECT_THAT(subscriber.wait_for(1),
              ElementsAre(Pair("events:agent", message(MessageForm::full, 6))));
}

TEST_F(RedisSinkTest, CloseEndsAlsoAnOpeningThatSavesWhereItBegins) {
  RedisServer server;
  book_.checkpoint.reset();
  book_.while_saving = [this] { sink_->close(); };
  start(settings(server.url()));
  EXPECT_EQ("it was closed", post());
  EXPECT_EQ("", post());
}

TEST_F(RedisSinkTest, AColdStartGoesOnWhereItWasOrFromNowOn) {
  RedisServer server;
  SinkSettings with = settings(server.url());
  append(5);
  start(with);
  ASSERT_EQ("", post());
  append(1);
  start(with);
  EXPECT_EQ(Offset{5}, *run(io_, sink_->open()));
  with.start = ColdStart::now;
  start(with);
  EXPECT_EQ(Offset{6}, *run(io_, sink_->open()));
  EXPECT_EQ(Offset{6}, *book_.checkpoint);
  append(1);
  sink_->close();
  EXPECT_EQ(Offset{6}, *run(io_, sink_->open())) << "a connection that is lost is no cold start";
}

TEST_F(RedisSinkTest, TheCheckpointIsSavedNowAndThen) {
  RedisServer server;
  SinkSettings with = settings(server.url());
  with.save_every = milliseconds(3'600'000);
  append(10);
  start(with);
  ASSERT_EQ("", post());
  EXPECT_EQ(Offset{10}, *book_.checkpoint) << "the first page";
  append(20);
  ASSERT_EQ("", post());
  EXPECT_EQ(1U, book_.saves);
  const auto rest = run(io_, sink_->caught_up());
  ASSERT_TRUE(rest);
  EXPECT_FALSE(rest->finished);
  EXPECT_LE(rest->again, milliseconds(10'000));
  EXPECT_EQ(Offset{30}, *run(io_, sink_->open())) << "a lost connection repeats nothing";

  with.save_every = milliseconds(50);
  start(with);
  ASSERT_EQ("", post());
  EXPECT_EQ(Offset{20}, *book_.checkpoint) << "20 is the first page";
  auto again = run(io_, sink_->caught_up())->again;
  ASSERT_TRUE(again);
  while (*book_.checkpoint < Offset{30}) {
    boost::asio::steady_timer pause(io_, *again);
    run(io_, pause.async_wait(boost::asio::use_awaitable));
    again = run(io_, sink_->caught_up())->again;
  }
  EXPECT_GT(*again, milliseconds(1'000)) << "nothing is unsaved";
}

TEST_F(RedisSinkTest, AServerThatIsNoPrimaryAnyMoreIsNoticedAlsoWithoutEvents) {
  RedisServer server;
  RedisServer other;
  start(settings(server.url()));
  ASSERT_TRUE(run(io_, sink_->open()));
  ASSERT_TRUE(run(io_, sink_->caught_up()));
  sink_->close();
  ASSERT_TRUE(run(io_, sink_->open()));
  server.follow(other);
  append(1);
  EXPECT_THAT(post(), HasSubstr("is no primary"));
  EXPECT_THAT(*book_.checkpoint, Offset{}) << "what a replica was told is not published";
}

TEST_F(RedisSinkTest, MessagesOfSixteenMegabytesArrive) {
  RedisServer server({.lines = {"client-output-buffer-limit pubsub 0 0 0"}});
  SinkSettings with = mirroring(server.url());
  with.legacy_channel = "l01:events";
  with.channels = {*ChannelTemplate::parse("all")};
  Subscriber subscriber(server.port(), {"*"});
  append(2, 16 << 20);
  append(20, 1 << 20);
  start(with);
  ASSERT_EQ("", post());
  const auto messages = subscriber.wait_for(66);
  ASSERT_EQ(66U, messages.size());
  EXPECT_TRUE(messages[0].second == message(MessageForm::full, 1));
  EXPECT_TRUE(messages[1].second == message(MessageForm::legacy, 1));
  EXPECT_TRUE(messages[2].second == message(MessageForm::native, 1, 0));
  EXPECT_TRUE(messages[65].second == message(MessageForm::native, 22, 21));
  EXPECT_TRUE(entries(server) == whole_log());
}

TEST_F(RedisSinkTest, TheUserOfTheDocumentIsEnough) {
  RedisServer server({.password = "adm1n",
                      .tls = true,
                      .lines = {"user daybook on >s3cret resetchannels &events:* resetkeys "
                                "~events:* ~daybook:mirror:* -@all +publish +role "
                                "+client|setname +eval +xinfo|stream +xadd +xtrim +get +set"}});
  std::string url = server.tls_url();
  url.insert(url.find("//") + 2, "daybook:s3cret@");
  SinkSettings with = mirroring(url, "events:{aggregate_type}");
  with.connection.ca_file = server.ca_file();
  with.stream.length_max = 1000;
  Subscriber subscriber(server.port(), {"*"}, "adm1n");
  append(3);
  start(with);
  ASSERT_EQ("", post());
  EXPECT_EQ(3U, subscriber.wait_for(3).size());
  EXPECT_EQ(2U, entries(server, "events:task").size());
}

TEST_F(RedisSinkTest, ARefusalFailsThePageInRedisWords) {
  RedisServer server(
      {.lines = {"user daybook on >s3cret resetchannels &events:task -@all +publish +role"}});
  Subscriber subscriber(server.port(), {"*"});
  append(3);
  start(settings(server.url("daybook:s3cret")));
  const std::string said = post();
  EXPECT_THAT(said, HasSubstr("NOPERM"));
  EXPECT_THAT(said, HasSubstr("redis://daybook@127.0.0.1"));
  EXPECT_THAT(said, Not(HasSubstr("s3cret")));
  EXPECT_EQ(Offset{}, *book_.checkpoint);
  server.ask({"ACL", "SETUSER", "daybook", "&events:*"});
  ASSERT_EQ("", post());
  EXPECT_EQ(Offset{3}, *book_.checkpoint);
}

}  // namespace
}  // namespace daybook::redis
