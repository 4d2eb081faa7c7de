#include "tests/protocol/ask.h"

namespace daybook::testing {
namespace {

class GroupsTest : public AskTest {
 protected:
  http::Response put(std::string body, const Headers& headers = {}) {
    return send("PUT", "/v1/groups/billing", std::move(body), headers);
  }
  http::Response at(const std::string& verb, std::string body) {
    return post("/v1/groups/billing/" + verb, std::move(body));
  }
};

TEST_F(GroupsTest, AGroupIsCreatedOnce) {
  backend_.log.add_many(3);
  const http::Response created = put(R"({"mode":"log","start":"head"})");
  EXPECT_EQ(201U, created.status);
  EXPECT_EQ("\"1\"", header(created, "ETag"));
  EXPECT_THAT(created, body_has(R"({"group":"billing","mode":"log","committed":3)"));
  EXPECT_EQ(200U, put(R"({"mode":"log","start":"head"})").status);
  EXPECT_THAT(put(R"({"mode":"log"})"), is_problem(409, "group_exists"));
}

TEST_F(GroupsTest, SettingsChangeByIfMatch) {
  put(R"({"mode":"log"})");
  const std::string changed = R"({"mode":"log","member_timeout_ms":2000})";
  EXPECT_THAT(put(changed), is_problem(428, "precondition_required"));
  EXPECT_THAT(put(changed, {{"If-Match", "\"7\""}}), is_problem(412, "precondition_failed"));
  EXPECT_THAT(put(changed, {{"If-Match", "\"x\""}}), is_problem(412, "precondition_failed"));
  EXPECT_EQ("\"2\"", header(put(changed, {{"If-Match", "\"1\""}}), "ETag"));
  EXPECT_EQ(200U, put(R"({"mode":"log","member_timeout_ms":3000})", {{"If-Match", "*"}}).status);
}

TEST_F(GroupsTest, AQueueIsPausedAndResumed) {
  EXPECT_THAT(put(R"({"mode":"queue","order":"none"})"),
              body_has(R"("mode":"queue","committed":0)"));
  EXPECT_THAT(at("pause", ""), body_has(R"("paused":true)"));
  EXPECT_THAT(get("/v1/groups/billing"), body_has(R"("paused":true)"));
  const http::Response resumed = at("resume", "");
  EXPECT_THAT(resumed, body_has(R"("paused":false)"));
  EXPECT_EQ("\"1\"", header(resumed, "ETag"));
}

TEST_F(GroupsTest, OnlyQueuesArePaused) {
  put(R"({"mode":"log"})");
  EXPECT_THAT(at("pause", ""), is_problem(409, "wrong_mode"));
  EXPECT_THAT(post("/v1/groups/none/resume", ""), is_problem(404, "unknown_group"));
}

TEST_F(GroupsTest, TheSettingsOfAQueueArePutAgainAsTheyAreShown) {
  const std::string shown = put(R"({"mode":"queue","start":{"after":0},"backoff_ms":[5]})").body;
  const std::string key = R"("settings":)";
  const std::string settings = shown.substr(shown.find(key) + key.size());
  EXPECT_EQ(shown, put(settings.substr(0, settings.size() - 1)).body);
}

TEST_F(GroupsTest, AGroupIsShownListedAndDeleted) {
  put(R"({"mode":"log"})");
  EXPECT_EQ("\"1\"", header(get("/v1/groups/billing"), "ETag"));
  EXPECT_THAT(get("/v1/groups"), body_has(R"({"groups":[{"group":"billing")"));
  const http::Response gone = send("DELETE", "/v1/groups/billing");
  EXPECT_EQ(204U, gone.status);
  EXPECT_EQ("", gone.content_type);
  EXPECT_THAT(get("/v1/groups/billing"), is_problem(404, "unknown_group"));
  EXPECT_THAT(send("DELETE", "/v1/groups/billing"), is_problem(404, "unknown_group"));
}

TEST_F(GroupsTest, NamesInThePathAreDecodedAndChecked) {
  EXPECT_THAT(send("PUT", "/v1/groups/a%2Fb", R"({"mode":"log"})"), body_has(R"("group":"a/b")"));
  EXPECT_THAT(get("/v1/groups/%zz"), is_problem(422, "bad_parameter"));
  EXPECT_THAT(get("/v1/groups/" + std::string(256, 'g')), is_problem(422, "limit_exceeded"));
}

TEST_F(GroupsTest, CommitsGoForward) {
  backend_.log.add_many(3);
  put(R"({"mode":"log"})");
  EXPECT_EQ(R"({"committed":2})", at("commit", R"({"offset":2})").body);
  EXPECT_THAT(at("commit", R"({"offset":1})"), is_problem(409, "commit_backwards"));
  EXPECT_THAT(at("commit", R"({"offset":9})"), is_problem(422, "beyond_head"));
  EXPECT_THAT(at("commit", R"({})"), is_problem(422, "missing_member"));
}

TEST_F(GroupsTest, AnOlderGenerationIsFenced) {
  put(R"({"mode":"log"})");
  at("fetch", R"({"member":"one","wait_ms":0})");
  EXPECT_EQ(204U, at("leave", R"({"member":"one"})").status);
  EXPECT_THAT(at("fetch", R"({"member":"two","wait_ms":0})"), body_has(R"("generation":2)"));
  EXPECT_THAT(at("commit", R"({"offset":0,"generation":1})"), is_problem(409, "fenced"));
}

TEST_F(GroupsTest, OnlyResetMovesBack) {
  backend_.log.add_many(3);
  put(R"({"mode":"log","start":"head"})");
  EXPECT_EQ(204U, at("reset", R"({"to":"beginning"})").status);
  EXPECT_THAT(get("/v1/groups/billing"), body_has(R"("committed":0)"));
  EXPECT_THAT(at("reset", R"({"to":"soon"})"), is_problem(422, "bad_value"));
}

TEST_F(GroupsTest, MembersBeatAndLeave) {
  put(R"({"mode":"log"})");
  EXPECT_THAT(at("heartbeat", R"({"member":"one"})"), is_problem(404, "not_found"));
  at("fetch", R"({"member":"one","wait_ms":0})");
  EXPECT_EQ(204U, at("heartbeat", R"({"member":"one"})").status);
  EXPECT_EQ(204U, at("leave", R"({"member":"one"})").status);
  EXPECT_THAT(at("leave", R"({"member":"one"})"), is_problem(404, "not_found"));
}

}  // namespace
}  // namespace daybook::testing
