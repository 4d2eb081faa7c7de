// URLs that may hold a password: no message and no listing has it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config/keys.h"

namespace daybook::config {
namespace {

using testing::HasSubstr;
using testing::Not;

// The line of the key in what `--check-config` prints, without "url = ".
std::string shown(const char* key, const std::string& text) {
  Config config;
  const auto done = set(config, *find_key(key), Plain{text});
  return done ? show(config, *find_key(key)) : done.error().detail;
}

TEST(Secret, AUrlIsShownWithoutItsPassword) {
  EXPECT_EQ(R"("redis://me:***@db:1/2"  # without the password)",
            shown("redis.url", "redis://me:hunter2@db:1/2"));
  EXPECT_EQ(R"("rediss://:***@[::1]"  # without the password)",
            shown("redis.url", "rediss://:hunter2@[::1]"));
  EXPECT_EQ(R"("redis://me@db:1")", shown("redis.url", "redis://me@db:1"));
  EXPECT_EQ(R"("redis://[::1]:1/0")", shown("redis.url", "redis://[::1]:1/0"));
}

TEST(Secret, AConnectionStringIsShownWithoutItsPasswordWhereverItStands) {
  EXPECT_EQ(R"("user='me' password='***' dbname='log' host='db'"  # without the password)",
            shown("postgres.url", "postgresql://me:hunter2@db/log"));
  EXPECT_EQ(R"("password='***' host='it\\'s \\\\'"  # without the password)",
            shown("postgres.url", R"(password='hun\' ter2' host='it\'s \\')"));
  for (const char* text :
       {"postgresql://db/?pass%77ord=hunter2", "postgres://db?sslpassword=hunter2",
        "host=db password = hunter2", "postgresql://:hunter2@", "password=hunter2 host=p:hunter@db",
        "postgresql://me:hunter2%40x@db,other:5433/log?sslmode=require"}) {
    const std::string line = shown("postgres.url", text);
    EXPECT_THAT(line, HasSubstr("assword='***'")) << text;
    EXPECT_THAT(line, Not(HasSubstr("hunter2"))) << text;
  }
}

TEST(Secret, WithoutAPasswordItIsShownAsItIs) {
  EXPECT_EQ(R"("postgresql://")", shown("postgres.url", "postgresql://"));
  EXPECT_EQ(R"("postgresql://me@db/log?sslmode=require")",
            shown("postgres.url", "postgresql://me@db/log?sslmode=require"));
  EXPECT_EQ(R"("host=/run/postgresql dbname=log")",
            shown("postgres.url", "host=/run/postgresql dbname=log"));
}

TEST(Secret, WhatIsShownReadsBackAndIsShownTheSame) {
  Config config;
  config.postgres.url = "postgresql://me:hunter2@db/log";
  config.redis.url = "redis://me:hunter2@db";
  const std::string first = to_toml(config);
  const auto again = load_text(first, "again");
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(first, to_toml(*again));
}

TEST(Secret, NoErrorQuotesIt) {
  EXPECT_EQ(
      "redis.url is not shown here (it may hold a password), but a URL of Redis is "
      "redis://[user[:password]@]host[:port][/database], or rediss:// for TLS; in this one the "
      "scheme is another; it must be a URL of Redis",
      shown("redis.url", "http://me:hunter2@db"));
  for (const char* text : {"redis://me:hunter2@", "redis://:hunter2@db/hunter2", "redis://:hunter2",
                           "redis://me:hunter2%q@db", "redis://db:hunter2", "hunter2"})
    EXPECT_THAT(shown("redis.url", text),
                testing::AllOf(HasSubstr("not shown here"), Not(HasSubstr("hunter2"))));
  for (const char* text : {"hunter2", "postgresql://me:hunter2@db:5432x/y?z", "password='hunter2",
                           "postgresql://me:hunter2@[db", "host=db hunter2=1"})
    EXPECT_THAT(shown("postgres.url", text),
                testing::AllOf(HasSubstr("libpq cannot read it"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(shown("postgres.url", std::string("host=db\0password=hunter2", 24)),
              HasSubstr("libpq cannot read it"));
}

TEST(Secret, NoFileQuotesItWhateverIsWrongWithIt) {
  for (const char* line :
       {"url = ['redis://:hunter2@db']", "url = redis://:hunter2@db", "url = 'redis://:hunter2@db",
        "url = \"redis://:hunter2\\q@db\"", "'url = redis://:hunter2@db'",
        "url.x = 'redis://:hunter2@db'", "url = 'redis://:hunter2@db' x"}) {
    const auto loaded = load_text("[redis]\n" + std::string(line) + '\n', "daybook.toml");
    ASSERT_FALSE(loaded) << line;
    EXPECT_THAT(loaded.error().detail, Not(HasSubstr("hunter2"))) << line;
    EXPECT_THAT(loaded.error().detail, HasSubstr("daybook.toml:")) << line;
  }
}

TEST(Secret, IsTheSameOnlyWithTheSamePassword) {
  Config a;
  a.redis.url = "redis://:one@db";
  Config b = a;
  EXPECT_TRUE(is_same(a, b, *find_key("redis.url")));
  b.redis.url = "redis://:two@db";
  EXPECT_FALSE(is_same(a, b, *find_key("redis.url")));
}

}  // namespace
}  // namespace daybook::config
