// Signatures that a receiver's Standard Webhooks library accepts.
#include "replication/webhook/signature.h"

#include <gtest/gtest.h>

namespace daybook::webhook {
namespace {

TEST(Signature, IsThatOfStandardWebhooks) {
  const auto key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key) << key.error().detail;
  EXPECT_EQ("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            signature(*key, {.id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
                             .timestamp = 1614265330,
                             .body = R"({"test": 2432232314})"}));
}

TEST(Signature, OfAPlainSecretIsKeyedByItsBytes) {
  EXPECT_EQ("v1,0E46zpfqDwcw3YhqZkAcT7SZhdPa3cB8vvKLYeeRb/I=",
            signature(*signing_key("secret"), {.id = "g-1", .timestamp = 1, .body = "{}"}));
}

TEST(Signature, ChangesWithEachOfItsParts) {
  const auto sign = [](Signed what) { return signature("key", what); };
  const std::string one = sign({.id = "a", .timestamp = 1, .body = "x"});
  EXPECT_EQ(one, sign({.id = "a", .timestamp = 1, .body = "x"}));
  EXPECT_NE(one, sign({.id = "b", .timestamp = 1, .body = "x"}));
  EXPECT_NE(one, sign({.id = "a", .timestamp = 2, .body = "x"}));
  EXPECT_NE(one, sign({.id = "a", .timestamp = 1, .body = "y"}));
}

TEST(SigningKey, DecodesItsPadding) {
  EXPECT_EQ("a", *signing_key("whsec_YQ=="));
  EXPECT_EQ("ab", *signing_key("whsec_YWI="));
  EXPECT_EQ("abc", *signing_key("whsec_YWJj"));
  EXPECT_EQ(std::string("\0\xff\0", 3), *signing_key("whsec_AP8A"));
}

TEST(SigningKey, RefusesWhatIsNoBase64) {
  for (const char* secret : {"whsec_", "whsec_====", "whsec_YQ", "whsec_YQ=a",
                             "whsec_Y===", "whsec_YWJj\n", "whsec_YW-_", "whsec_ YWJ"}) {
    const auto key = signing_key(secret);
    ASSERT_FALSE(key) << secret;
    EXPECT_EQ(Errc::bad_value, key.error().code);
  }
}

}  // namespace
}  // namespace daybook::webhook
