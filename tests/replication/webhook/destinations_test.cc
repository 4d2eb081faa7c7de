// Where deliveries may be pushed to, and the known ways to be sent somewhere else.
#include "replication/webhook/destinations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/base/limits.h"

namespace daybook::webhook {
namespace {

using testing::HasSubstr;

Destinations allowing(const std::vector<std::string>& entries) {
  auto parsed = Destinations::parse(entries);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().detail);
  return parsed ? *parsed : Destinations();
}

// Whether a connection to `address` is allowed that `url` led to.
bool may_go(const std::vector<std::string>& entries, std::string_view url,
            std::string_view address) {
  const Destinations destinations = allowing(entries);
  const auto parsed = destinations.check(url);
  return parsed && destinations.allows(*parsed, parse_address(address).value());
}

TEST(Destinations, NothingIsAllowedByDefault) {
  const auto refused = Destinations().check("https://hooks.example.com/");
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::bad_value, refused.error().code);
  EXPECT_THAT(refused.error().detail, HasSubstr("webhook.allow does not name hooks.example.com"));
}

TEST(Destinations, ANameAllowsItselfAtPublicAddressesAlone) {
  const std::vector<std::string> allow{"Hooks.Example.com"};
  EXPECT_TRUE(may_go(allow, "https://hooks.example.com/a", "93.184.216.34"));
  EXPECT_TRUE(may_go(allow, "http://HOOKS.example.COM:81/a", "2606:2800:220:1::1"));
  EXPECT_FALSE(may_go(allow, "https://example.com/", "93.184.216.34"));
  EXPECT_FALSE(may_go(allow, "https://a.hooks.example.com/", "93.184.216.34"));
  EXPECT_FALSE(may_go(allow, "https://hooks.example.com.evil.org/", "93.184.216.34"));
  EXPECT_FALSE(may_go(allow, "https://93.184.216.34/", "93.184.216.34"));
}

TEST(Destinations, AWildcardAllowsWhatIsBelowIt) {
  const std::vector<std::string> allow{"*.example.org"};
  EXPECT_TRUE(may_go(allow, "https://a.example.org/", "93.184.216.34"));
  EXPECT_TRUE(may_go(allow, "https://a.b.example.org/", "93.184.216.34"));
  EXPECT_FALSE(may_go(allow, "https://example.org/", "93.184.216.34"));
  EXPECT_FALSE(may_go(allow, "https://evilexample.org/", "93.184.216.34"));
  EXPECT_FALSE(may_go(allow, "https://a.example.org/", "10.0.0.1"));
}

TEST(Destinations, ARangeAllowsItsAddressesByWhateverName) {
  const std::vector<std::string> allow{"10.1.0.0/16", "fd00::/8"};
  EXPECT_TRUE(may_go(allow, "http://10.1.2.3/", "10.1.2.3"));
  EXPECT_TRUE(may_go(allow, "http://inside.example/", "10.1.255.255"));
  EXPECT_TRUE(may_go(allow, "http://[fd12::1]/", "fd12::1"));
  EXPECT_FALSE(may_go(allow, "http://10.2.0.1/", "10.2.0.1"));
  EXPECT_FALSE(may_go(allow, "http://inside.example/", "10.2.0.0"));
  EXPECT_FALSE(may_go(allow, "http://inside.example/", "93.184.216.34"));
}

TEST(Destinations, APortBoundsItsEntry) {
  EXPECT_TRUE(may_go({"127.0.0.1:9000"}, "http://127.0.0.1:9000/", "127.0.0.1"));
  EXPECT_FALSE(may_go({"127.0.0.1:9000"}, "http://127.0.0.1:9001/", "127.0.0.1"));
  EXPECT_TRUE(may_go({"[::1]:9000"}, "http://[::1]:9000/", "::1"));
  EXPECT_FALSE(may_go({"[::1]:9000"}, "http://[::1]/", "::1"));
  EXPECT_TRUE(may_go({"a.example:443"}, "https://a.example/", "93.184.216.34"));
  EXPECT_FALSE(may_go({"a.example:443"}, "http://a.example/", "93.184.216.34"));
  // The name's port and the range's are each their own.
  EXPECT_TRUE(may_go({"a.example", "127.0.0.1:9000"}, "http://a.example:9000/", "127.0.0.1"));
  EXPECT_FALSE(may_go({"a.example", "127.0.0.1:9000"}, "http://a.example/", "127.0.0.1"));
}

TEST(Destinations, ANameMayNotLeadToAddressesThatAreNotPublic) {
  for (const char* address : {"0.0.0.0",
                              "0.1.2.3",
                              "10.0.0.1",
                              "100.64.0.1",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.255.255.254",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.1",
                              "192.0.2.1",
                              "192.88.99.1",
                              "192.168.1.1",
                              "198.18.0.1",
                              "198.19.255.255",
                              "198.51.100.7",
                              "203.0.113.7",
                              "224.0.0.1",
                              "239.255.255.255",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::127.0.0.1",
                              "::ffff:127.0.0.1",
                              "::ffff:a00:1",
                              "64:ff9b::127.0.0.1",
                              "64:ff9b::a9fe:a9fe",
                              "64:ff9b:1::1",
                              "100::1",
                              "2001::1",
                              "2001:2::1",
                              "2001:db8::1",
                              "2002:7f00:1::",
                              "2002:c0a8:101::1",
                              "3fff::1",
                              "5f00::1",
                              "fc00::1",
                              "fdff::1",
                              "fe80::1",
                              "fec0::1",
                              "ff02::1"})
    EXPECT_FALSE(may_go({"a.example"}, "http://a.example/", address)) << address;
  for (const char* address :
       {"1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "198.17.0.1",
        "198.20.0.0", "223.255.255.255", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2001:200::1",
        "2002:101:101::1", "2606:4700::1111"})
    EXPECT_TRUE(may_go({"a.example"}, "http://a.example/", address)) << address;
}

TEST(Destinations, WhatIsNotPublicIsAllowedByBeingNamed) {
  EXPECT_TRUE(may_go({"127.0.0.0/8"}, "http://localhost/", "127.0.0.1"));
  EXPECT_FALSE(may_go({"localhost"}, "http://localhost/", "127.0.0.1"));
  EXPECT_TRUE(may_go({"127.0.0.1"}, "http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1"));
  EXPECT_TRUE(may_go({"::1"}, "http://[0:0::1]/", "::1"));
  // An IPv4 address inside of another one is named by neither of the two.
  EXPECT_FALSE(may_go({"127.0.0.0/8"}, "http://a.example/", "64:ff9b::127.0.0.1"));
  EXPECT_FALSE(may_go({"127.0.0.0/8"}, "http://a.example/", "2002:7f00:1::"));
  EXPECT_FALSE(may_go({"::/0"}, "http://a.example/", "127.0.0.1"));
  EXPECT_TRUE(may_go({"0.0.0.0/0"}, "http://a.example/", "127.0.0.1"));
}

TEST(Destinations, RefusesEntriesThatSayNothing) {
  for (const char* entry : {"",
                            "*",
                            "*.",
                            "a b",
                            "http://a.example",
                            "a.example/path",
                            "a.example:0",
                            "a.example:x",
                            "a.example:65536",
                            "10.0.0.1/8",
                            "10.0.0.0/33",
                            "10.0.0.0/",
                            "10.0.0.0/-1",
                            "10.0.0",
                            "0x7f.1",
                            "a..b",
                            "a.example.",
                            "-a.example",
                            "*.*.example",
                            "[a.example]",
                            "[",
                            "[]",
                            "[::1",
                            "[::1]x",
                            "[::1]:",
                            "fe80::1%eth0",
                            "::/129",
                            "2001:db8::1/32"}) {
    const auto parsed = Destinations::parse({"127.0.0.1", entry});
    ASSERT_FALSE(parsed) << entry;
    EXPECT_THAT(parsed.error().detail, HasSubstr('"' + std::string(entry) + '"'));
  }
}

TEST(Url, HasItsParts) {
  const auto url = parse_url("HTTPS://Hooks.Example.com:8443/a/b?c=d%20e");
  ASSERT_TRUE(url) << url.error().detail;
  EXPECT_TRUE(url->tls);
  EXPECT_EQ("hooks.example.com", url->host);
  EXPECT_EQ(8443, url->port);
  EXPECT_EQ("/a/b?c=d%20e", url->target);
  EXPECT_EQ("hooks.example.com:8443", url->authority());
  EXPECT_FALSE(url->address);

  EXPECT_EQ("/", parse_url("http://a")->target);
  EXPECT_EQ("/?x", parse_url("http://a?x")->target);
  EXPECT_EQ(80, parse_url("http://a")->port);
  EXPECT_EQ(443, parse_url("https://a")->port);
  EXPECT_EQ("a", parse_url("https://a:443")->authority());
  EXPECT_EQ("[::1]:8080", parse_url("http://[::1]:8080/")->authority());
  EXPECT_EQ(parse_address("::1"), parse_url("http://[::1]/")->address);
  EXPECT_EQ(parse_address("127.0.0.1"), parse_url("http://[::ffff:7f00:1]/")->address);
}

TEST(Url, RefusesEverySpellingOfAnAddressButThePlainOne) {
  for (const char* host :
       {"2130706433",   "0x7f000001", "0x7f.1",      "0x7f.0.0.1", "127.1",      "127.0.1",
        "017700000001", "0177.0.0.1", "127.0.0.0x1", "127.0.0.01", "127.0.0.1.", "127.0.0.256",
        "1.2.3.4.5",    "a.0x",       "a.1",         "::1",        "[::1",       "[127.0.0.1]",
        "[::1%25eth0]", "[::1%eth0]", "[a.example]"}) {
    const auto url = parse_url("http://" + std::string(host) + "/");
    ASSERT_FALSE(url) << host << " is " << url->host;
    EXPECT_EQ(Errc::bad_value, url.error().code);
  }
}

TEST(Url, RefusesWhatIsReadDifferentlyElsewhere) {
  for (const char* text : {"",
                           "http",
                           "http:",
                           "http://",
                           "http:///a",
                           "http://:80/",
                           "ftp://a/",
                           "file:///etc/passwd",
                           "gopher://a/",
                           "//a/",
                           "a.example",
                           "javascript:x",
                           "http:a",
                           "http:/a/",
                           "http://user@a/",
                           "http://user:secret@a/",
                           "http://a@127.0.0.1/",
                           "http://a\\@b/",
                           "http://a\\b/",
                           "http://a#@b/",
                           "http://a/#x",
                           "http://a b/",
                           "http://a/\r\nX: y",
                           "http://a/\t",
                           "http://a%2eb/",
                           "http://%6c/",
                           "http://a\xc2\xad/",
                           "http://\xe2\x91\xa0/",
                           "http://a./",
                           "http://.a/",
                           "http://a..b/",
                           "http://localhost./",
                           "http://a_b/",
                           "http://-a/",
                           "http://a-/",
                           "http://a:/",
                           "http://a:0/",
                           "http://a:65536/",
                           "http://a:+80/",
                           "http://a:80:81/",
                           "http://a:80@b/",
                           "http://[::1]80/"})
    EXPECT_FALSE(parse_url(text)) << text;
  EXPECT_FALSE(parse_url("http://" + std::string(64, 'a') + "/"));
  EXPECT_FALSE(parse_url("http://a/" + std::string(limits::push_url_bytes_max, 'a')));
}

TEST(Address, IsShownAsItIsWritten) {
  EXPECT_EQ("127.0.0.1", parse_address("::ffff:127.0.0.1")->to_string());
  EXPECT_EQ("fe80::1", parse_address("FE80:0::1")->to_string());
  EXPECT_FALSE(parse_address(std::string_view("127.0.0.1\0x", 11)));
}

}  // namespace
}  // namespace daybook::webhook
