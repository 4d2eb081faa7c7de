// Addresses, and what is encoded in them.
#include "protocol/client/url.h"

#include <gtest/gtest.h>

namespace daybook::client {
namespace {

TEST(Url, HostAndPortAreRead) {
  EXPECT_EQ("127.0.0.1:8011", parse_url("http://127.0.0.1:8011")->authority());
  EXPECT_EQ("localhost:8011", parse_url("http://localhost:8011/")->authority());
  EXPECT_EQ("[::1]:8011", parse_url("http://[::1]:8011")->authority());
  EXPECT_EQ("::1", parse_url("http://[::1]:8011")->host);
  EXPECT_EQ("example.com:80", parse_url("http://example.com")->authority());
}

TEST(Url, AnythingElseIsRefused) {
  for (const char* text : {"", "127.0.0.1:8011", "https://a", "http://", "http://a/b", "http://u@a",
                           "http://a:", "http://a:b", "http://a:123456", "http://[::1",
                           "http://a b", "http://a?b", "http://[::1]x"})
    EXPECT_FALSE(parse_url(text)) << text;
}

TEST(Url, AllButUnreservedIsEncoded) {
  EXPECT_EQ("aZ09-._~", percent_encode("aZ09-._~"));
  EXPECT_EQ("%2F%3F%23%25%20%2B%C3%BC", percent_encode("/?#% +ü"));
}

TEST(Url, ParametersMayRepeat) {
  EXPECT_EQ("/v1/events", with_query("/v1/events", {}));
  EXPECT_EQ("/v1/events?tag=a%3A1&tag=b&limit=5",
            with_query("/v1/events", {{"tag", "a:1"}, {"tag", "b"}, {"limit", "5"}}));
}

}  // namespace
}  // namespace daybook::client
