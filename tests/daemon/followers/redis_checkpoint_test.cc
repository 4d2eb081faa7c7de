// The checkpoint of Redis, over a real store.
#include "daemon/followers/redis_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/book/stored_groups.h"
#include "storage/verify.h"
#include "tests/daemon/followers/followers_fixture.h"

namespace daybook::test {
namespace {

class RedisCheckpointTest : public FollowersTest {
 protected:
  static Awaitable<Result<void>> do_save(Store& store, Writer& writer, Offset offset) {
    RedisCheckpoint checkpoint(store, writer);
    co_return co_await checkpoint.save(offset);
  }
  std::string save(std::uint64_t offset) {
    return code_of(wait_for(run(do_save(*store_, *writer_, Offset{offset}))));
  }
  std::optional<Offset> load() { return RedisCheckpoint(*store_, *writer_).load(); }
};

TEST_F(RedisCheckpointTest, ThereIsNoneBeforeTheFirst) {
  EXPECT_EQ(std::nullopt, load());
  EXPECT_EQ("ok", save(0));
  EXPECT_EQ(Offset{0}, load());
}

TEST_F(RedisCheckpointTest, ItMovesForwardAloneAndSurvivesARestart) {
  append_each("aaaa");
  EXPECT_EQ("ok", save(2));
  EXPECT_EQ("ok", save(3));
  EXPECT_EQ("ok", save(1));
  EXPECT_EQ(Offset{3}, load());
  restart();
  EXPECT_EQ(Offset{3}, load());
}

TEST_F(RedisCheckpointTest, ItIsNeverBeyondTheLog) {
  append_each("a");
  EXPECT_EQ("beyond_head", save(2));
  EXPECT_EQ(std::nullopt, load());
}

TEST_F(RedisCheckpointTest, ItIsNoGroupForClients) {
  append_each("a");
  ASSERT_EQ("ok", save(1));
  EXPECT_TRUE(groups_->list().empty());
}

TEST_F(RedisCheckpointTest, TheCheckOfTheDataDirectoryKnowsIt) {
  append_each("a");
  ASSERT_EQ("ok", save(1));
  EXPECT_EQ("checkpoint of follower redis", readable_name(follower_name("redis")));
  stop();
  const auto report = verify(dir_.path(), [](Offset, Offset) {});
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_THAT(report->damages, testing::IsEmpty());
}

}  // namespace
}  // namespace daybook::test
