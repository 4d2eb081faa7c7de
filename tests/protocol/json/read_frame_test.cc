// What WebSocket clients send.
#include "protocol/json/read_frame.h"

#include <gtest/gtest.h>

namespace daybook::json {
namespace {

const std::string kEvents =
    R"("events":[{"event_type":"t","aggregate_type":"a","aggregate_id":"1"}])";

ClientFrame read(const std::string& text) {
  return read_frame(text, Limits{});
}

template <class Op>
Op op_of(const std::string& text) {
  ClientFrame frame = read(text);
  if (!frame.op) {
    ADD_FAILURE() << frame.op.error().detail << frame.op.error().pointer;
    return {};
  }
  return std::get<Op>(std::move(*frame.op));
}

std::string refusal(const std::string& text) {
  const ClientFrame frame = read(text);
  if (frame.op) return "accepted";
  return std::string(name(frame.op.error().code)) + " " + frame.op.error().pointer;
}

TEST(ReadFrame, EchoesRefAsItsText) {
  EXPECT_EQ("\"r\"", read(R"({"op":"ping","ref":"r"})").ref);
  EXPECT_EQ("-7", read(R"({"ref":-7,"op":"ping"})").ref);
  EXPECT_EQ("", read(R"({"op":"ping","ref":null})").ref);
  EXPECT_EQ("5", read(R"({"op":"bogus","ref":5})").ref);
  EXPECT_EQ("5", read(R"({"ref":5})").ref);
  EXPECT_EQ("bad_value /ref", refusal(R"({"op":"ping","ref":1.5})"));
  EXPECT_EQ("bad_value /ref", refusal(R"({"op":"ping","ref":{}})"));
}

TEST(ReadFrame, RefusesWhatIsNoOperation) {
  EXPECT_EQ("bad_json ", refusal("{"));
  EXPECT_EQ("bad_value ", refusal("[]"));
  EXPECT_EQ("missing_member /op", refusal("{}"));
  EXPECT_EQ("bad_value /op", refusal(R"({"op":5})"));
  EXPECT_EQ("bad_value /op", refusal(R"({"op":"welcome"})"));
  EXPECT_EQ("duplicate_member /op", refusal(R"({"op":"ping","op":"ping"})"));
  EXPECT_EQ("unknown_member /sub", refusal(R"({"op":"ping","sub":"s"})"));
}

TEST(ReadFrame, TakesAppends) {
  const auto frame = op_of<AppendFrame>(
      "{\"op\":\"append\",\"ref\":1," + kEvents +
      R"(,"conditions":[{"fail_if_match":{}}],"commit":{"group":"g","offset":1}})");
  ASSERT_EQ(1U, frame.append.events.size());
  EXPECT_EQ("t", frame.append.events[0].event_type);
  EXPECT_EQ(1U, frame.append.conditions.size());
  EXPECT_TRUE(frame.append.commit);
  EXPECT_EQ("", frame.idempotency_key);
}

TEST(ReadFrame, TellsARepeatUnderAKeyByItsContentAlone) {
  const auto first =
      op_of<AppendFrame>("{\"op\":\"append\",\"ref\":1,\"idempotency_key\":\"k\"," + kEvents + "}");
  const auto again = op_of<AppendFrame>("{ \"idempotency_key\":\"k\", " + kEvents +
                                        ",\"commit\":null,\"ref\":\"two\",\"op\":\"append\"}");
  const auto other = op_of<AppendFrame>("{\"op\":\"append\",\"idempotency_key\":\"k\"," + kEvents +
                                        R"(,"conditions":[{"fail_if_match":{}}]})");
  EXPECT_EQ("k", first.idempotency_key);
  EXPECT_EQ(first.keyed_text, again.keyed_text);
  EXPECT_NE(first.keyed_text, other.keyed_text);
  const auto acks = op_of<AppendFrame>("{\"op\":\"append\",\"idempotency_key\":\"k\"," + kEvents +
                                       R"(,"ack":{"group":"g","member":"m","offsets":[1]}})");
  EXPECT_NE(first.keyed_text, acks.keyed_text);
}

TEST(ReadFrame, PointsIntoAppends) {
  EXPECT_EQ("missing_member /events", refusal(R"({"op":"append"})"));
  EXPECT_EQ("empty_batch /events", refusal(R"({"op":"append","events":[]})"));
  EXPECT_EQ("missing_member /events/0/event_type", refusal(R"({"op":"append","events":[{}]})"));
  EXPECT_EQ("missing_member /ack/group", refusal("{\"op\":\"append\",\"ack\":{}," + kEvents + "}"));
  EXPECT_EQ("unknown_member /event_type", refusal(R"({"op":"append","event_type":"t"})"));
}

TEST(ReadFrame, TakesSubscriptions) {
  const auto live = op_of<SubscribeFrame>(
      R"({"op":"subscribe","sub":"\u0073","after":"head","filter":{"tags":["t"]},"credits":5})");
  EXPECT_EQ("\"s\"", live.sub);
  EXPECT_EQ(GroupStart(FromHead{}), live.after);
  EXPECT_EQ((std::vector<std::string>{"t"}), live.filter.tags);
  EXPECT_EQ(5U, live.credits);
  const auto after = [](const std::string& text) {
    return op_of<SubscribeFrame>(R"({"op":"subscribe","sub":7,"after":)" + text + "}").after;
  };
  EXPECT_EQ(GroupStart(Offset{0}), after("0"));
  EXPECT_EQ(GroupStart(Timestamp{0}), after(R"({"time":"1970-01-01T00:00:00Z"})"));
  EXPECT_EQ("7", op_of<SubscribeFrame>(R"({"op":"subscribe","sub":7})").sub);
}

TEST(ReadFrame, TakesSubscriptionsOfGroups) {
  const auto frame =
      op_of<SubscribeFrame>(R"({"op":"subscribe","sub":"s","group":"g","member":"m","credits":1})");
  EXPECT_EQ("g", frame.group);
  EXPECT_EQ("m", frame.member);
  EXPECT_EQ("missing_member /member", refusal(R"({"op":"subscribe","sub":"s","group":"g"})"));
  EXPECT_EQ("missing_member /group", refusal(R"({"op":"subscribe","sub":"s","member":"m"})"));
  EXPECT_EQ("bad_value /group",
            refusal(R"({"op":"subscribe","sub":"s","group":"g","member":"m","after":0})"));
}

TEST(ReadFrame, TakesSubscriptionsOfReplays) {
  const auto named = op_of<SubscribeFrame>(
      R"({"op":"subscribe","sub":"s","replay":"r","member":"m","credits":1})");
  EXPECT_EQ("r", named.replay);
  EXPECT_EQ("m", named.member);
  EXPECT_EQ("", op_of<SubscribeFrame>(R"({"op":"subscribe","sub":"s","replay":"r"})").member);
  EXPECT_EQ("bad_value /replay",
            refusal(R"({"op":"subscribe","sub":"s","replay":"r","group":"g","member":"m"})"));
  EXPECT_EQ("bad_value /replay",
            refusal(R"({"op":"subscribe","sub":"s","replay":"r","filter":{}})"));
}

TEST(ReadFrame, TakesWhatMembersSayOfTheirLeases) {
  const auto ack = op_of<LeasesFrame>(R"({"op":"ack","sub":"s","attempts":[1,2],"offsets":[7,9]})");
  EXPECT_EQ("\"s\"", ack.sub);
  EXPECT_EQ(LeaseVerb::ack, ack.request.verb);
  EXPECT_EQ((std::vector<LeaseName>{{Offset{7}, 1}, {Offset{9}, 2}}), ack.request.said.leases);
  const auto nack = op_of<LeasesFrame>(
      R"({"op":"nack","sub":1,"offsets":[7],"action":"skip","reason":"r","replay_id":"x"})");
  EXPECT_EQ(LeaseVerb::nack, nack.request.verb);
  EXPECT_EQ(NackAction::skip, nack.request.said.action);
  EXPECT_EQ("x", nack.request.replay_id);
  EXPECT_EQ(LeaseVerb::extend,
            op_of<LeasesFrame>(R"({"op":"extend","sub":"s","offsets":[7]})").request.verb);
  EXPECT_EQ("missing_member /sub", refusal(R"({"op":"ack","offsets":[1]})"));
  EXPECT_EQ("missing_member /offsets", refusal(R"({"op":"extend","sub":"s"})"));
  EXPECT_EQ("unknown_member /member",
            refusal(R"({"op":"ack","sub":"s","offsets":[1],"member":"m"})"));
  EXPECT_EQ("unknown_member /reason",
            refusal(R"({"op":"ack","sub":"s","offsets":[1],"reason":"r"})"));
  EXPECT_EQ("bad_value /offsets", refusal(R"({"op":"ack","sub":"s","offsets":[1,1]})"));
}

TEST(ReadFrame, TakesTheSmallOperations) {
  EXPECT_EQ(9U, op_of<CreditFrame>(R"({"op":"credit","sub":"s","n":9})").n);
  EXPECT_EQ("\"s\"", op_of<UnsubscribeFrame>(R"({"op":"unsubscribe","sub":"s"})").sub);
  const auto commit = op_of<CommitFrame>(R"({"op":"commit","group":"g","offset":4})").commit;
  EXPECT_EQ("g", commit.group);
  EXPECT_EQ(Offset{4}, commit.offset);
  EXPECT_FALSE(commit.generation);
  op_of<PingFrame>(R"({"op":"ping"})");
  EXPECT_EQ("missing_member /n", refusal(R"({"op":"credit","sub":"s"})"));
  EXPECT_EQ("bad_value /n", refusal(R"({"op":"credit","sub":"s","n":0})"));
  EXPECT_EQ("bad_value /sub", refusal(R"({"op":"unsubscribe","sub":""})"));
}

}  // namespace
}  // namespace daybook::json
