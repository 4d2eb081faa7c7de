// The table of routes, what holds on every one of them, and the pages for operators.
#include "protocol/http/openapi.h"
#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

using ::testing::HasSubstr;

class RoutesTest : public AskTest {};

TEST_F(RoutesTest, UnknownPathsAreNoRoute) {
  for (const char* path : {"/v1/nothing", "/v1/", "/v1", "/v2/events", "/v1/events/a/b",
                           "/v1/events/", "/v1/logs/x/events", "/v1/groups//fetch", "*", ""})
    EXPECT_THAT(get(path), is_problem(404, "no_route")) << path;
}

TEST_F(RoutesTest, OtherMethodsAreToldWhichAreAllowed) {
  const std::tuple<const char*, const char*, const char*> all[] = {
      {"DELETE", "/v1/events", "POST, GET"},
      {"POST", "/v1/status", "GET"},
      {"PATCH", "/v1/groups/g", "GET, PUT, DELETE"},
      {"GET", "/v1/groups/g/fetch", "POST"}};
  for (const auto& [method, path, allow] : all) {
    const http::Response response = send(method, path);
    EXPECT_THAT(response, is_problem(405, "method_not_allowed"));
    EXPECT_EQ(allow, header(response, "Allow"));
  }
}

TEST_F(RoutesTest, RoutesWithoutParametersRefuseThem) {
  EXPECT_THAT(get("/v1/status?x=1"), is_problem(422, "unknown_parameter"));
  EXPECT_THAT(get("/v1/groups?limit=1"), is_problem(422, "unknown_parameter"));
  EXPECT_THAT(post("/v1/query?limit=1", "{}"), is_problem(422, "unknown_parameter"));
  EXPECT_EQ(200U, get("/v1/status?").status);
}

TEST_F(RoutesTest, TheHeadIsOnEveryAnswerBelowV1) {
  backend_.log.add_many(3);
  for (const char* path : {"/v1/events", "/v1/status", "/v1/groups", "/v1/none", "/v1/events/none"})
    EXPECT_EQ("3", header(get(path), "Daybook-Head")) << path;
  EXPECT_EQ("(none)", header(get("/health/live"), "Daybook-Head"));
  EXPECT_EQ("3", header(get("/v1/events", {{"Origin", "null"}}), "Daybook-Head"));
}

TEST_F(RoutesTest, ForeignPagesAreRefusedEverywhere) {
  for (const char* path : {"/v1/events", "/v1/none", "/health/live", "/metrics", "/v1/ws"})
    EXPECT_THAT(get(path, {{"Origin", "http://evil.example"}}),
                is_problem(403, "forbidden_origin"));
  EXPECT_THAT(get("/v1/status", {{"Host", "evil.example"}}), is_problem(403, "forbidden_origin"));
}

TEST_F(RoutesTest, TheDescriptionHasEveryRoute) {
  for (const std::string& route : http::route_names()) {
    std::string path = route.substr(route.find(' ') + 1);
    for (std::size_t at = path.find(':'); at != path.npos; at = path.find(':', at)) {
      path[at] = '{';
      path.insert(std::min(path.find('/', at), path.size()), "}");
    }
    EXPECT_THAT(std::string(http::openapi_text()), HasSubstr("\n    \"" + path + "\": {")) << route;
  }
}

TEST_F(RoutesTest, TheDescriptionIsServed) {
  const http::Response response = get("/openapi.json");
  EXPECT_EQ("application/json", response.content_type);
  EXPECT_EQ(http::openapi_text(), response.body);
}

TEST_F(RoutesTest, HealthIsAliveAndReadyOrSaysWhyNot) {
  EXPECT_EQ(R"({"status":"alive"})", get("/health/live").body);
  EXPECT_EQ(R"({"status":"ready"})", get("/health/ready").body);
  backend_.operations.not_ready = "the disk is full";
  const http::Response response = get("/health/ready");
  EXPECT_EQ(503U, response.status);
  EXPECT_EQ(R"({"status":"not_ready","reason":"the disk is full"})", response.body);
}

TEST_F(RoutesTest, StatusShowsTheLogAndItsGroups) {
  backend_.log.add_many(2);
  send("PUT", "/v1/groups/g", R"({"mode":"log"})");
  const http::Response response = get("/v1/status");
  EXPECT_THAT(response, body_has(R"({"version":"0.1.0","log_id":"0199f3c2)"));
  EXPECT_THAT(response, body_has(R"("head":2,"written":2,"floor":1,"indexed":2)"));
  EXPECT_THAT(response, body_has(R"("uptime_seconds":0.000,"followers":[])"));
  EXPECT_THAT(response, body_has(R"("groups":[{"group":"g")"));
}

TEST_F(RoutesTest, MetricsAreInTheFormatOfPrometheus) {
  const http::Response response = get("/metrics");
  EXPECT_THAT(std::string(response.content_type), HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(response, body_has("# TYPE"));
}

TEST_F(RoutesTest, TheFirstPageIsForPeople) {
  EXPECT_THAT(get("/"), body_has("Daybook"));
}

}  // namespace
}  // namespace daybook::testing
