// Events of the past, delivered again beside a group's own or to whoever subscribes.
#include "daemon/backend/store_replays.h"
#include "tests/daemon/delivery/delivery_fixture.h"

namespace daybook::test {
namespace {

using std::chrono::seconds;

Awaitable<Result<ReplayInfo>> do_create(StoreReplays& replays, ReplayPort::Create create) {
  co_return co_await replays.create(std::move(create));
}
Awaitable<Result<ReplayInfo>> do_cancel(StoreReplays& replays, std::string id) {
  co_return co_await replays.cancel(std::move(id));
}
Awaitable<Result<ReplayInfo>> do_pause(StoreReplays& replays, std::string id, bool paused) {
  co_return co_await replays.pause(std::move(id), paused);
}
Awaitable<Result<void>> do_remove(StoreReplays& replays, std::string id) {
  co_return co_await replays.remove(std::move(id));
}

class ReplaysTest : public DeliveryTest {
 protected:
  StoreReplays port() { return StoreReplays(*store_, *writer_, *dispatcher_); }
  std::string create(ReplayPort::Create create) {
    StoreReplays replays = port();
    const auto created = wait_for(run(do_create(replays, std::move(create))));
    EXPECT_TRUE(created) << created.error().detail;
    return created ? created->id : "";
  }
  bool in_progress(const std::string& id) { return port().find(id)->in_progress; }
};

TEST_F(ReplaysTest, AReplayToAGroupGoesToItsMembersAndMovesNoOffset) {
  put_group("work", {.order = GroupOrder::none});
  append_each("abc");
  EXPECT_EQ("1 2 3", fetched("work", "m", 10, seconds(50)));
  EXPECT_EQ("", ack("work", "m", {1, 2, 3}));
  const std::string id = create({.group = "work", .from = Offset{2}, .to = Offset{3}});
  EXPECT_TRUE(in_progress(id));
  EXPECT_EQ("2* 3*", fetched("work", "m", 10, seconds(50)));
  EXPECT_EQ("", ack(replay_name(id), "m", {2, 3}));
  EXPECT_FALSE(in_progress(id));
  EXPECT_EQ(Offset{3}, view("work").committed);
  EXPECT_EQ(2u, port().find(id)->queue.acked);
  EXPECT_EQ("wrong_mode", fetched(replay_name(id), "m")) << "its members are the group's";
}

TEST_F(ReplaysTest, AReplayReachesAMemberThatWaits) {
  put_group("work");
  append_each("a");
  EXPECT_EQ("1", fetched("work", "m", 10, seconds(50)));
  EXPECT_EQ("", ack("work", "m", {1}));
  Fetched waits = fetch_later("work", "m");
  create({.group = "work"});
  EXPECT_EQ("1*", DeliveryTest::describe(wait_for(std::move(waits))));
}

TEST_F(ReplaysTest, NeitherAReplayNorItsGroupStarves) {
  put_group("work", {.order = GroupOrder::none});
  append_each("aaaaaaaaaa");
  create({.group = "work"});
  std::string own;
  std::string again;
  for (int i = 0; i < 10; ++i) {
    const std::string got = fetched("work", "m", 1, seconds(50));
    (got.ends_with('*') ? again : own) += got + " ";
  }
  EXPECT_EQ("1 2 3 4 5 ", own);
  EXPECT_EQ("1* 2* 3* 4* 5* ", again);
}

TEST_F(ReplaysTest, AReplayWithoutAGroupGoesToWhoeverSubscribes) {
  append_each("abcd");
  Filter filter;
  filter.aggregate_id = "b";
  const std::string id = create({.filter = filter});
  append_each("b");
  EXPECT_EQ("2*", fetched(replay_name(id), "m", 10, seconds(50)));
  Fetched waits = fetch_later(replay_name(id), "m");
  EXPECT_EQ("", ack(replay_name(id), "m", {2}));
  EXPECT_EQ("not_found", DeliveryTest::describe(wait_for(std::move(waits)))) << "it is over";
  EXPECT_FALSE(in_progress(id));
}

TEST_F(ReplaysTest, AReplayGoesOnAfterARestart) {
  put_group("work", {.order = GroupOrder::none});
  append_each("abc");
  EXPECT_EQ("1 2 3", fetched("work", "m", 10, seconds(50)));
  EXPECT_EQ("", ack("work", "m", {1, 2, 3}));
  const std::string id = create({.group = "work"});
  EXPECT_EQ("1*", fetched("work", "m", 1, seconds(50)));
  EXPECT_EQ("", ack(replay_name(id), "m", {1}));
  restart();
  EXPECT_EQ("2* 3*", fetched("work", "m", 10, seconds(50)));
}

TEST_F(ReplaysTest, AReplayIsPausedCancelledAndRemoved) {
  put_group("work");
  append_each("ab");
  EXPECT_EQ("1 2", fetched("work", "m", 10, seconds(50)));
  const std::string id = create({.group = "work", .from = Offset{2}});
  StoreReplays replays = port();
  EXPECT_TRUE(wait_for(run(do_pause(replays, id, true)))->row.paused);
  Fetched waits = fetch_later("work", "m");
  EXPECT_EQ("", ack("work", "m", {1, 2}));
  EXPECT_FALSE(wait_for(run(do_pause(replays, id, false)))->row.paused);
  EXPECT_EQ("2*", DeliveryTest::describe(wait_for(std::move(waits))));
  EXPECT_FALSE(wait_for(run(do_cancel(replays, id)))->in_progress);
  EXPECT_EQ("2", ack(replay_name(id), "m", {2})) << "its leases have ended";
  EXPECT_EQ(1u, replays.list().size());
  EXPECT_EQ("ok", code_of(wait_for(run(do_remove(replays, id)))));
  EXPECT_EQ("not_found", code_of(wait_for(run(do_remove(replays, id)))));
  EXPECT_EQ("not_found", code_of(replays.find(id)));
  EXPECT_EQ("not_found", ack(replay_name(id), "m", {2}));
}

}  // namespace
}  // namespace daybook::test
