#include "replication/redis/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace daybook::redis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RedisUrl, HasEveryPart) {
  const auto url = parse_url("rediss://events:s%3Aec%40ret@redis-1.example:6380/3");
  ASSERT_TRUE(url) << url.error().detail;
  EXPECT_TRUE(url->tls);
  EXPECT_EQ("events", url->user);
  EXPECT_EQ("s:ec@ret", url->password);
  EXPECT_EQ("redis-1.example", url->host);
  EXPECT_EQ(6380, url->port);
  EXPECT_EQ(3U, url->database);
}

TEST(RedisUrl, NeedsNothingButAHost) {
  const auto url = parse_url("redis://my_redis");
  ASSERT_TRUE(url) << url.error().detail;
  EXPECT_FALSE(url->tls);
  EXPECT_EQ("", url->user);
  EXPECT_EQ("", url->password);
  EXPECT_EQ("my_redis", url->host);
  EXPECT_EQ(6379, url->port);
  EXPECT_EQ(0U, url->database);
  EXPECT_EQ("my_redis", parse_url("redis://my_redis/")->host);
}

TEST(RedisUrl, TakesAPasswordWithoutAUser) {
  const auto url = parse_url("redis://:a@b/c@localhost");
  ASSERT_TRUE(url) << url.error().detail;
  EXPECT_EQ("", url->user);
  EXPECT_EQ("a@b/c", url->password);
  EXPECT_EQ("localhost", url->host);
}

TEST(RedisUrl, TakesAddresses) {
  EXPECT_EQ("::1", parse_url("redis://[::1]:7000/1")->host);
  EXPECT_EQ(7000, parse_url("redis://[::1]:7000/1")->port);
  EXPECT_EQ("10.0.0.1", parse_url("redis://10.0.0.1")->host);
}

TEST(RedisUrl, IsShownWithoutItsPassword) {
  EXPECT_EQ("rediss://events@[::1]:6379/2", parse_url("rediss://events:secret@[::1]/2")->shown());
  EXPECT_EQ("redis://localhost:6379/0", parse_url("redis://:secret@localhost")->shown());
}

TEST(RedisUrl, RefusesEverythingElseWithoutQuotingIt) {
  for (const std::string text :
       {"", "secret", "redis:/secret", "http://:secret@host", "redis://", "redis://:secret@",
        "redis://:secret@host:0", "redis://:secret@host:65536", "redis://:secret@host:1x",
        "redis://:secret@host/x", "redis://:secret@host/-1", "redis://:secret@host/0?x=1",
        "redis://:secret%2@host", "redis://:secret%zz@host", "redis://:secret@[::1",
        "redis://:secret@[1.2.3.4]", "redis://:secret@ho st", "redis://:secret@::1"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(Errc::bad_value, url.error().code) << text;
    EXPECT_THAT(url.error().detail, Not(HasSubstr("secret"))) << text;
  }
}

}  // namespace
}  // namespace daybook::redis
