// What members say of their leases.
#include "protocol/json/read_leases.h"

#include <gtest/gtest.h>

#include "protocol/json/read_append.h"
#include "storage/model/group.h"

namespace daybook::json {
namespace {

LeaseRequest read(LeaseVerb verb, const std::string& body) {
  auto request = read_leases(verb, body, Limits{});
  if (request) return std::move(*request);
  ADD_FAILURE() << request.error().detail << request.error().pointer;
  return {};
}

std::string refusal(LeaseVerb verb, const std::string& body) {
  const auto request = read_leases(verb, body, Limits{});
  if (request) return "accepted";
  return std::string(name(request.error().code)) + " " + request.error().pointer;
}

std::string refused_nack(const std::string& members) {
  return refusal(LeaseVerb::nack, R"({"member":"m","offsets":[1],)" + members + "}");
}

std::string reason_of(const std::string& reason) {
  return read(LeaseVerb::nack, R"({"member":"m","offsets":[1],"reason":")" + reason + "\"}")
      .said.reason;
}

TEST(ReadLeases, AnAttemptBelongsToTheOffsetAtItsPlace) {
  const QueueStep step =
      step_of(read(LeaseVerb::ack, R"({"attempts":[3,1],"member":"m","offsets":[9,4]})"));
  const auto& ack = std::get<AckLeases>(step);
  EXPECT_EQ("m", ack.member);
  EXPECT_EQ((std::vector<LeaseName>{{Offset{9}, 3}, {Offset{4}, 1}}), ack.leases);
}

TEST(ReadLeases, WithoutAttemptsTheLeaseHeldNowIsMeant) {
  const QueueStep step = step_of(read(LeaseVerb::extend, R"({"member":"m","offsets":[9]})"));
  EXPECT_EQ((std::vector<LeaseName>{{Offset{9}, std::nullopt}}),
            std::get<ExtendLeases>(step).leases);
}

TEST(ReadLeases, ANackSaysWhatBecomesOfTheEvents) {
  const LeaseRequest request = read(
      LeaseVerb::nack,
      R"({"member":"m","offsets":[1],"action":"dead_letter","delay_ms":0,"reason":"no \u00e4"})");
  EXPECT_EQ(NackAction::dead_letter, request.said.action);
  EXPECT_EQ(std::chrono::milliseconds(0), request.said.delay);
  EXPECT_EQ("no \xC3\xA4", request.said.reason);
  const LeaseRequest bare = read(LeaseVerb::nack, R"({"member":"m","offsets":[1]})");
  EXPECT_EQ(NackAction::retry, bare.said.action);
  EXPECT_FALSE(bare.said.delay);
  EXPECT_TRUE(std::holds_alternative<NackLeases>(step_of(bare)));
}

TEST(ReadLeases, ALongReasonIsCutBetweenCharacters) {
  EXPECT_EQ(std::string(1000, 'x'), reason_of(std::string(1000, 'x')));
  EXPECT_EQ(std::string(1000, 'x'), reason_of(std::string(1001, 'x')));
  EXPECT_EQ(std::string(999, 'x'), reason_of(std::string(999, 'x') + "\xC3\xA4"));
  EXPECT_EQ(std::string(998, 'x') + "\xC3\xA4", reason_of(std::string(998, 'x') + "\xC3\xA4z"));
}

TEST(ReadLeases, OnlyANackHasReasons) {
  for (const LeaseVerb verb : {LeaseVerb::ack, LeaseVerb::extend})
    EXPECT_EQ("unknown_member /reason",
              refusal(verb, R"({"member":"m","offsets":[1],"reason":"r"})"));
}

TEST(ReadLeases, RefusesWhatNamesNoLeases) {
  EXPECT_EQ("bad_value ", refusal(LeaseVerb::ack, "[]"));
  EXPECT_EQ("missing_member /member", refusal(LeaseVerb::ack, R"({"offsets":[1]})"));
  EXPECT_EQ("missing_member /offsets", refusal(LeaseVerb::ack, R"({"member":"m"})"));
  EXPECT_EQ("bad_value /offsets", refusal(LeaseVerb::ack, R"({"member":"m","offsets":7})"));
  EXPECT_EQ("bad_value /offsets", refusal(LeaseVerb::ack, R"({"member":"m","offsets":[]})"));
  EXPECT_EQ("bad_value /offsets/1", refusal(LeaseVerb::ack, R"({"member":"m","offsets":[1,"2"]})"));
  EXPECT_EQ("bad_value /offsets", refusal(LeaseVerb::ack, R"({"member":"m","offsets":[2,1,2]})"));
  EXPECT_EQ("bad_value /attempts",
            refusal(LeaseVerb::ack, R"({"member":"m","offsets":[2,1],"attempts":[1]})"));
  EXPECT_EQ("bad_value /attempts/0",
            refusal(LeaseVerb::ack, R"({"member":"m","offsets":[2],"attempts":[0]})"));
  EXPECT_EQ("bad_value /attempts/0",
            refusal(LeaseVerb::ack, R"({"member":"m","offsets":[2],"attempts":[4294967296]})"));
}

TEST(ReadLeases, RefusesWhatANackCanNotDo) {
  EXPECT_EQ("bad_value /action", refused_nack(R"("action":"drop")"));
  EXPECT_EQ("bad_value /delay_ms", refused_nack(R"("delay_ms":604800001)"));
  EXPECT_EQ("accepted", refused_nack(R"("delay_ms":604800000)"));
  EXPECT_EQ("bad_value /reason", refused_nack(R"("reason":5)"));
}

TEST(ReadLeases, NamesTenThousandAtMost) {
  const auto body = [](std::size_t count) {
    std::string offsets;
    for (std::size_t i = 1; i <= count; ++i) offsets += (i > 1 ? "," : "") + std::to_string(i);
    return R"({"member":"m","offsets":[)" + offsets + "]}";
  };
  EXPECT_EQ(leases_max, read(LeaseVerb::ack, body(leases_max)).said.leases.size());
  EXPECT_EQ("limit_exceeded /offsets", refusal(LeaseVerb::ack, body(leases_max + 1)));
}

class ReadAppendAck : public ::testing::Test {
 protected:
  static Result<Append> read(const std::string& ack) {
    return read_append(
        R"({"events":[{"event_type":"t","aggregate_type":"a","aggregate_id":"1"}],"ack":)" + ack +
            "}",
        Limits{});
  }
};

TEST_F(ReadAppendAck, NamesTheGroupAndTheLeases) {
  const auto append = read(R"({"group":"g","member":"m","offsets":[5],"attempts":[2]})");
  ASSERT_TRUE(append) << append.error().detail;
  ASSERT_TRUE(append->ack);
  EXPECT_EQ("g", append->ack->group);
  EXPECT_EQ("m", append->ack->leases.member);
  EXPECT_EQ((std::vector<LeaseName>{{Offset{5}, 2}}), append->ack->leases.leases);
}

TEST_F(ReadAppendAck, OfAReplayNeedsNoGroup) {
  const auto append = read(R"({"replay_id":"r","member":"m","offsets":[5]})");
  ASSERT_TRUE(append) << append.error().detail;
  EXPECT_EQ(replay_name("r"), append->ack->group);
  EXPECT_EQ(replay_name("r"),
            read(R"({"group":"g","replay_id":"r","member":"m","offsets":[5]})")->ack->group);
}

TEST_F(ReadAppendAck, IsRefusedAtItsPlace) {
  EXPECT_EQ("/ack/group", read(R"({"member":"m","offsets":[5]})").error().pointer);
  EXPECT_EQ("/ack/offsets", read(R"({"group":"g","member":"m"})").error().pointer);
  EXPECT_EQ("/ack/offsets", read(R"({"group":"g","member":"m","offsets":[5,5]})").error().pointer);
  EXPECT_EQ(Errc::unknown_member,
            read(R"({"group":"g","member":"m","offsets":[5],"reason":"r"})").error().code);
}

}  // namespace
}  // namespace daybook::json
