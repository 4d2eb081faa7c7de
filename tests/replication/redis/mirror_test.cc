#include "replication/redis/mirror.h"

#include "tests/replication/redis/sink_fixture.h"

namespace daybook::redis {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::int64_t kHour = 3'600'000'000;

using RedisMirrorTest = RedisSinkTest;

TEST_F(RedisMirrorTest, IsExactAfterRepeats) {
  RedisServer server;
  append(25);
  start(mirroring(server.url()));
  ASSERT_EQ("", post());
  // The checkpoint is behind what is there, as after a crash.
  book_.checkpoint = Offset{15};
  append(25);
  start(mirroring(server.url()));
  EXPECT_EQ(Offset{15}, *run(io_, sink_->open()));
  ASSERT_EQ("", post());
  EXPECT_EQ(whole_log(), entries(server));
  EXPECT_EQ("50", server.ask({"GET", "daybook:mirror:all"}).text);
}

TEST_F(RedisMirrorTest, HasAStreamForEachName) {
  RedisServer server;
  append(5);
  start(mirroring(server.url(), "stream:{aggregate_type}"));
  ASSERT_EQ("", post());
  const Entries all = whole_log();
  EXPECT_EQ((Entries{all[0], all[1], all[3], all[4]}), entries(server, "stream:task"));
  EXPECT_EQ((Entries{all[2]}), entries(server, "stream:agent"));
}

TEST_F(RedisMirrorTest, GoesOnFromItsMarkAndPublishesNothingTwice) {
  RedisServer server;
  append(25);
  start(mirroring(server.url()));
  ASSERT_EQ("", post());
  // As a server that has lost what it was told last.
  for (int offset = 13; offset <= 25; ++offset)
    server.ask({"XDEL", "all", std::to_string(offset) + "-0"});
  server.ask({"XSETID", "all", "12-0"});
  server.ask({"SET", "daybook:mirror:all", "12"});
  Subscriber subscriber(server.port(), {"*"});
  EXPECT_EQ(Offset{12}, *run(io_, sink_->open()));
  ASSERT_EQ("", post());
  EXPECT_EQ(whole_log(), entries(server));
  append(1);
  ASSERT_EQ("", post());
  EXPECT_THAT(subscriber.wait_for(1), SizeIs(1));
}

TEST_F(RedisMirrorTest, IsWholeAlsoWhereAColdStartPublishesNothing) {
  RedisServer server;
  append(5);
  start(mirroring(server.url()));
  ASSERT_EQ("", post());
  append(5);
  SinkSettings with = mirroring(server.url());
  with.start = ColdStart::now;
  Subscriber subscriber(server.port(), {"*"});
  start(with);
  ASSERT_EQ("", post());
  append(1);
  ASSERT_EQ("", post());
  EXPECT_EQ(whole_log(), entries(server));
  EXPECT_THAT(subscriber.wait_for(1), SizeIs(1));
}

TEST_F(RedisMirrorTest, AFailoverToAReplicaThatWasBehindLeavesNoHole) {
  RedisServer primary;
  RedisServer replica;
  replica.follow(primary);
  append(20);
  start(mirroring(primary.url(), "stream:{aggregate_type}"));
  ASSERT_EQ("", post());
  replica.wait_for(primary);
  replica.pause();
  append(60, 500'000);  // more than all buffers between them can hold
  ASSERT_EQ("", post());
  primary.kill();
  replica.resume();
  replica.promote();
  ASSERT_LT(entries(replica, "stream:task").size(), 50U) << "it was not behind";
  append(5);
  start(mirroring(replica.url(), "stream:{aggregate_type}"));
  ASSERT_EQ("", post());
  Entries agents;
  Entries tasks;
  const Entries all = whole_log();
  for (std::size_t i = 0; i < all.size(); ++i)
    (log_.at(Offset{i + 1}).aggregate_type == "agent" ? agents : tasks).push_back(all[i]);
  EXPECT_TRUE(agents == entries(replica, "stream:agent"));
  EXPECT_TRUE(tasks == entries(replica, "stream:task"));
}

TEST_F(RedisMirrorTest, WithoutMemoryNothingIsLeftOut) {
  RedisServer server({.lines = {"maxmemory 8mb", "maxmemory-policy noeviction"}});
  append(300, 100'000);
  start(mirroring(server.url()));
  EXPECT_THAT(post(), HasSubstr("OOM"));
  EXPECT_THAT(entries(server), SizeIs(::testing::Lt(300U)));
  server.ask({"CONFIG", "SET", "maxmemory", "0"});
  ASSERT_EQ("", post());
  EXPECT_TRUE(whole_log() == entries(server));
}

TEST_F(RedisMirrorTest, IsTrimmedByLength) {
  RedisServer server;
  SinkSettings with = mirroring(server.url());
  with.stream.length_max = 100;
  append(1000);
  start(with);
  ASSERT_EQ("", post());
  const Entries kept = entries(server);
  EXPECT_THAT(kept, SizeIs(::testing::AllOf(::testing::Ge(100U), ::testing::Lt(300U))));
  EXPECT_EQ(whole_log().back(), kept.back());
}

TEST_F(RedisMirrorTest, IsTrimmedByAgeAndByBoth) {
  for (const std::uint64_t length : {0, 300}) {
    RedisServer server;
    log_ = {};
    book_.checkpoint = Offset{};
    const std::int64_t at = now().micros;
    for (int i = 0; i < 1000; ++i) log_.add({.recorded_at = {at - 2 * kHour}});
    for (int i = 0; i < 500; ++i) log_.add({.recorded_at = {at}});
    SinkSettings with = mirroring(server.url());
    with.stream.age_max = std::chrono::hours(1);
    with.stream.length_max = length;
    start(with);
    ASSERT_EQ("", post());
    const Entries kept = entries(server);
    const std::size_t wanted = length == 0 ? 500U : length;
    EXPECT_THAT(kept, SizeIs(::testing::AllOf(::testing::Ge(wanted), ::testing::Lt(wanted + 150))));
    EXPECT_EQ("1500-0", kept.back().first);
  }
}

TEST_F(RedisMirrorTest, AnotherWriterInAStreamIsNotTakenForARepeat) {
  RedisServer server;
  append(5);
  start(mirroring(server.url()));
  ASSERT_EQ("", post());
  ASSERT_EQ(Offset{5}, *run(io_, sink_->open()));
  append(10);
  ASSERT_TRUE(post_after(Offset{5}));
  server.ask({"XADD", "all", "*", "who", "somebody else"});
  append(10);
  const Result<void> posted = post_after(Offset{15});
  ASSERT_FALSE(posted);
  EXPECT_THAT(posted.error().detail, HasSubstr("somebody else writes into the stream all"));
  EXPECT_THAT(post(), HasSubstr("somebody else")) << "also after it is opened again";
  EXPECT_EQ("15", server.ask({"GET", "daybook:mirror:all"}).text);
}

TEST_F(RedisMirrorTest, WhereOneStreamRefusesTheOthersGetNothingEither) {
  RedisServer server;
  append(5);
  start(mirroring(server.url(), "stream:{aggregate_type}"));
  ASSERT_EQ("", post());
  const std::string foreign = server.ask({"XADD", "stream:agent", "*", "who", "else"}).text;
  append(5);
  EXPECT_THAT(post(), HasSubstr("somebody else writes into the stream stream:agent"));
  EXPECT_THAT(entries(server, "stream:task"), SizeIs(4));
  server.ask({"XDEL", "stream:agent", foreign});
  server.ask({"XSETID", "stream:agent", "3-0"});
  ASSERT_EQ("", post());
  const Entries all = whole_log();
  EXPECT_EQ((Entries{all[2], all[5], all[8]}), entries(server, "stream:agent"));
  EXPECT_THAT(entries(server, "stream:task"), SizeIs(7));
}

TEST_F(RedisMirrorTest, TheMirrorOfAnotherLogIsNotWrittenInto) {
  RedisServer server;
  append(25);
  start(mirroring(server.url()));
  ASSERT_EQ("", post());
  log_ = {};
  book_.checkpoint = Offset{};
  append(5);
  start(mirroring(server.url()));
  EXPECT_THAT(post(), HasSubstr("daybook:mirror:all"));
  server.ask({"DEL", "all", "daybook:mirror:all"});
  ASSERT_EQ("", post());
  EXPECT_EQ(whole_log(), entries(server));
}

}  // namespace
}  // namespace daybook::redis
