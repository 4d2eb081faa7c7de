#include "protocol/http/guard.h"

#include <gtest/gtest.h>

namespace daybook::http {
namespace {

Request from(std::string_view host, std::string_view origin = {}) {
  Request request;
  request.headers.set("Host", host);
  if (!origin.empty()) request.headers.set("Origin", origin);
  return request;
}

Request with_type(std::string_view type, std::string body = "{}") {
  Request request;
  if (!type.empty()) request.headers.set("Content-Type", type);
  request.body = std::move(body);
  return request;
}

TEST(Guard, LoopbackHostsMayAsk) {
  for (const char* host : {"localhost", "LOCALHOST:80", "127.0.0.1:8011", "127.9.9.9", "[::1]",
                           "[::1]:8011", "127.255.255.255"})
    EXPECT_FALSE(forbidden(from(host), {})) << host;
}

TEST(Guard, OtherHostsMayNot) {
  for (const char* host : {"", "evil.example", "127.evil.example", "10.0.0.1", "127.0.0.256",
                           "localhost.evil.example", "127.0.0.1.evil", "127.1", "[::2]", "::1",
                           "128.0.0.1", "127..0.1", "127.0.0.1.", "[::1"})
    EXPECT_TRUE(forbidden(from(host), {})) << host;
}

TEST(Guard, RemoteHostsMayAskWhereRemoteClientsAreAllowed) {
  Settings settings;
  settings.allow_remote = true;
  EXPECT_FALSE(forbidden(from("log.example"), settings));
  EXPECT_TRUE(forbidden(from("log.example", "http://evil.example"), settings));
}

TEST(Guard, ForeignOriginsMayNotAskNullAmongThem) {
  for (const char* origin : {"http://evil.example", "null", "http://localhost:8011"})
    EXPECT_EQ(Errc::forbidden_origin, forbidden(from("localhost", origin), {})->code) << origin;
}

TEST(Guard, NamedOriginsMayAsk) {
  Settings settings;
  settings.allowed_origins = {"http://app.example"};
  EXPECT_FALSE(forbidden(from("localhost", "http://app.example"), settings));
  EXPECT_TRUE(forbidden(from("localhost", "http://app.example.evil"), settings));
}

TEST(Guard, BodiesAreJson) {
  for (const char* type : {"application/json", "APPLICATION/JSON", "application/json; charset=x",
                           "application/json ;charset=x"})
    EXPECT_FALSE(unsupported_body(with_type(type))) << type;
  for (const char* type : {"", "text/plain", "application/jsonx", "application/vnd.x+json",
                           "application/x-www-form-urlencoded"})
    EXPECT_EQ(Errc::unsupported_media_type, unsupported_body(with_type(type))->code) << type;
  EXPECT_FALSE(unsupported_body(with_type("text/plain", "")));
}

TEST(Guard, FormatsOfLaterVersionsAreNamed) {
  for (const char* type : {"application/x-ndjson", "application/cloudevents+json"})
    EXPECT_NE(std::string::npos, unsupported_body(with_type(type))->detail.find(type)) << type;
}

TEST(Guard, OldDialectsTakeStructuredJson) {
  EXPECT_TRUE(has_json_type(with_type("application/vnd.x+json"), JsonType::structured));
  EXPECT_FALSE(has_json_type(with_type("application/vnd.x+json"), JsonType::plain));
  EXPECT_FALSE(has_json_type(with_type("text/x+json"), JsonType::structured));
  EXPECT_FALSE(has_json_type(with_type("application/+json"), JsonType::structured));
}

}  // namespace
}  // namespace daybook::http
