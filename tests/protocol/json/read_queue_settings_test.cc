// What only groups in queue mode can be told.
#include "protocol/json/read_queue_settings.h"

#include <gtest/gtest.h>

#include "protocol/json/read_group.h"
#include "storage/base/limits.h"

namespace daybook::json {
namespace {

std::string queue_body(const std::string& members) {
  return R"({"mode":"queue")" + (members.empty() ? "" : "," + members) + "}";
}

QueueSettings accepted(const std::string& members) {
  return read_group_settings(queue_body(members), Limits{})->queue;
}

std::string refusal_of(const std::string& body) {
  const auto read = read_group_settings(body, Limits{});
  if (read) return "accepted";
  return std::string(name(read.error().code)) + " " + read.error().pointer;
}

std::string refusal(const std::string& members) {
  return refusal_of(queue_body(members));
}

TEST(ReadQueueSettings, AllMayBeAbsentOrNull) {
  const auto settings = read_group_settings(queue_body(""), Limits{});
  EXPECT_EQ(GroupMode::queue, settings->mode);
  EXPECT_EQ(QueueSettings{}, settings->queue);
  for (const std::string_view member : kQueueSettings)
    EXPECT_EQ(QueueSettings{}, accepted('"' + std::string(member) + "\":null"));
}

TEST(ReadQueueSettings, AreTaken) {
  QueueSettings queue;
  queue.order = GroupOrder::aggregate;
  queue.ack_timeout_ms = 100;
  queue.max_deliveries = 1;
  queue.backoff_ms = {0, 604'800'000};
  queue.max_in_flight = 10;
  queue.max_unfinished = 10;
  queue.block_aggregate = true;
  queue.breaker_window = 1;
  queue.breaker_ratio = 0.25;
  queue.push = PushTarget{"https://example.com/in?a=b", "s3cret", 100, 256};
  EXPECT_EQ(queue, accepted(R"("order":"aggregate","ack_timeout_ms":100,"max_deliveries":1,)"
                            R"("backoff_ms":[0,604800000],"max_in_flight":10,)"
                            R"("max_unfinished":10,"block_aggregate":true,"breaker_window":1,)"
                            R"("breaker_ratio":0.25,"push":{"url":"https://example.com/in?a=b",)"
                            R"("secret":"s3cret","timeout_ms":100,"parallel":256})"));
  EXPECT_EQ(GroupOrder::none, accepted(R"("order":"none")").order);
  EXPECT_EQ(GroupOrder::single, accepted(R"("order":"single")").order);
}

TEST(ReadQueueSettings, APushNeedsNoMoreThanItsUrl) {
  EXPECT_EQ((PushTarget{"http://h", "", 10'000, 8}), accepted(R"("push":{"url":"http://h"})").push);
}

TEST(ReadQueueSettings, ARatioAboveOneSwitchesTheBreakerOff) {
  EXPECT_EQ(1.1, accepted(R"("breaker_ratio":1.1)").breaker_ratio);
  EXPECT_EQ(1, accepted(R"("breaker_ratio":1)").breaker_ratio);
}

TEST(ReadQueueSettings, HaveBounds) {
  for (const std::string wrong : {"\"ack_timeout_ms\":99",
                                  "\"ack_timeout_ms\":86400001",
                                  "\"max_deliveries\":0",
                                  "\"max_deliveries\":1001",
                                  "\"max_in_flight\":0",
                                  "\"max_in_flight\":100001",
                                  "\"max_unfinished\":1000001",
                                  "\"breaker_window\":0",
                                  "\"breaker_window\":10001",
                                  "\"breaker_ratio\":0",
                                  "\"breaker_ratio\":2.1",
                                  "\"breaker_ratio\":\"0.5\"",
                                  "\"breaker_ratio\":1e999",
                                  "\"order\":\"tag\"",
                                  "\"order\":1",
                                  "\"block_aggregate\":1",
                                  "\"block_aggregate\":\"true\"",
                                  "\"backoff_ms\":[]",
                                  "\"backoff_ms\":5",
                                  "\"push\":\"http://h\""})
    EXPECT_EQ("bad_value /" + wrong.substr(1, wrong.find(':') - 2), refusal(wrong)) << wrong;
  EXPECT_EQ("bad_value /backoff_ms/1", refusal(R"("backoff_ms":[1,604800001])"));
  std::string steps = "1";
  for (int i = 1; i < 32; ++i) steps += ",1";
  EXPECT_EQ(32U, accepted("\"backoff_ms\":[" + steps + "]").backoff_ms.size());
  EXPECT_EQ("bad_value /backoff_ms", refusal("\"backoff_ms\":[" + steps + ",1]"));
}

TEST(ReadQueueSettings, MoreMayBeUnfinishedThanInFlight) {
  EXPECT_EQ("bad_value /max_unfinished", refusal(R"("max_in_flight":11,"max_unfinished":10)"));
  EXPECT_EQ("bad_value /max_unfinished", refusal(R"("max_unfinished":10)"));
  EXPECT_EQ("accepted", refusal(R"("max_unfinished":10,"max_in_flight":10)"));
}

TEST(ReadQueueSettings, OnlyOrderedAggregatesAreBlocked) {
  EXPECT_EQ("bad_value /block_aggregate", refusal(R"("block_aggregate":true,"order":"none")"));
  EXPECT_EQ("bad_value /block_aggregate", refusal(R"("block_aggregate":true,"order":"single")"));
  EXPECT_EQ("accepted", refusal(R"("block_aggregate":false,"order":"none")"));
}

TEST(ReadQueueSettings, APushHasAUrlThatIsNotTooLong) {
  const auto url = [](const std::string& json) {
    return refusal(R"("push":{"url":)" + json + "}");
  };
  EXPECT_EQ("bad_value /push/url", url("1"));
  EXPECT_EQ("accepted", url(R"("HTTPS://h")")) << "it is parsed by who pushes";
  const std::string longest(limits::push_url_bytes_max, 'x');
  EXPECT_EQ("accepted", url('"' + longest + '"'));
  EXPECT_EQ("bad_value /push/url", url('"' + longest + "x\""));
  const auto push = [](const std::string& rest) {
    return refusal(R"("push":{"url":"http://h",)" + rest + "}");
  };
  EXPECT_EQ("bad_value /push/timeout_ms", push(R"("timeout_ms":99)"));
  EXPECT_EQ("bad_value /push/timeout_ms", push(R"("timeout_ms":600001)"));
  EXPECT_EQ("bad_value /push/parallel", push(R"("parallel":0)"));
  EXPECT_EQ("bad_value /push/parallel", push(R"("parallel":257)"));
  EXPECT_EQ("bad_value /push/secret", push(R"("secret":"")"));
  EXPECT_EQ("unknown_member /push/x", push(R"("x":1)"));
  EXPECT_EQ("missing_member /push/url", refusal(R"("push":{})"));
}

TEST(ReadQueueSettings, InLogModeThereAreNone) {
  for (const auto& [member, value] :
       std::vector<std::pair<std::string, std::string>>{{"order", "\"none\""},
                                                        {"ack_timeout_ms", "1000"},
                                                        {"max_deliveries", "1"},
                                                        {"backoff_ms", "[1]"},
                                                        {"max_in_flight", "1"},
                                                        {"max_unfinished", "1000"},
                                                        {"block_aggregate", "false"},
                                                        {"breaker_window", "1"},
                                                        {"breaker_ratio", "1"},
                                                        {"push", "{\"url\":\"http://h\"}"}}) {
    const std::string both = "{\"" + member + "\":" + value;
    EXPECT_EQ("bad_value /" + member, refusal_of(both + "}"));
    EXPECT_EQ("bad_value /" + member, refusal_of(both + R"(,"mode":"log"})"));
  }
}

}  // namespace
}  // namespace daybook::json
