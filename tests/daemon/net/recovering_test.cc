// What is answered before the log is open.
#include "daemon/net/recovering.h"

#include <gmock/gmock.h>

namespace daybook::net {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

http::Response get(std::string target, std::string_view host = "localhost") {
  http::Request request;
  request.method = boost::beast::http::verb::get;
  request.target = std::move(target);
  request.headers.set(boost::beast::http::field::host, host);
  return recovering(request, {});
}

TEST(Recovering, EachDialectIsRefusedInItsOwnWords) {
  const http::Response native = get("/v1/events");
  EXPECT_EQ(503u, native.status);
  EXPECT_THAT(native.body, HasSubstr(R"("code":"recovering")"));
  const http::Response platform = get("/events/?limit=1");
  EXPECT_EQ(503u, platform.status);
  EXPECT_THAT(platform.body, StartsWith(R"({"detail":")"));
}

TEST(Recovering, TheProcessIsAliveAndNotReady) {
  EXPECT_EQ(200u, get("/health/live").status);
  EXPECT_EQ(503u, get("/health/ready").status);
}

TEST(Recovering, AForeignHostIsToldNothing) {
  EXPECT_EQ(403u, get("/health/live", "evil.example").status);
  EXPECT_EQ(403u, get("/events/", "evil.example").status);
}

}  // namespace
}  // namespace daybook::net
