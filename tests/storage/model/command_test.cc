#include "storage/model/command.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tests/storage/samples.h"

namespace daybook {
namespace {

using test::append_of;
using test::Event;

Digest digest_of(const Event& event) {
  return append_of({.events = {event}}).events[0].digest;
}

TEST(Command, AnExpectationHoldsWhereItSays) {
  EXPECT_TRUE(Expected{}.holds_at({0}));
  EXPECT_TRUE(Expected{}.holds_at({7}));
  EXPECT_TRUE((Expected{.kind = Expected::Kind::none}.holds_at({0})));
  EXPECT_FALSE((Expected{.kind = Expected::Kind::none}.holds_at({1})));
  EXPECT_TRUE((Expected{.kind = Expected::Kind::exists}.holds_at({1})));
  EXPECT_FALSE((Expected{.kind = Expected::Kind::exists}.holds_at({0})));
  EXPECT_TRUE(test::exactly(0).holds_at({0}));
  EXPECT_FALSE(test::exactly(3).holds_at({4}));
}

TEST(Command, AnExpectationIsWrittenAsItWasSent) {
  EXPECT_EQ("7", test::exactly(7).to_json());
  EXPECT_EQ("\"exists\"", (Expected{.kind = Expected::Kind::exists}.to_json()));
  EXPECT_EQ("\"none\"", (Expected{.kind = Expected::Kind::none}.to_json()));
  EXPECT_EQ("\"any\"", Expected{}.to_json());
}

TEST(Command, ContentIsAllThatWasSentButExpectationAndId) {
  Event other;
  other.expected = test::exactly(3);
  other.id = "anything";
  EXPECT_EQ(digest_of({}), digest_of(other));
}

TEST(Command, EveryMemberOfTheContentCounts) {
  const std::vector<std::function<void(Event&)>> changes = {
      [](Event&) {},
      [](Event& e) { e.event_type = "x"; },
      [](Event& e) { e.aggregate_type = "x"; },
      [](Event& e) { e.aggregate_id = "x"; },
      [](Event& e) { e.schema_version = "2"; },
      [](Event& e) { e.correlation_id = "x"; },
      [](Event& e) { e.causation_id = "x"; },
      [](Event& e) { e.payload = "1"; },
      [](Event& e) { e.payload = "1.0"; },
      [](Event& e) { e.metadata = R"({"a":1})"; },
      [](Event& e) { e.occurred_at = Timestamp{0}; },
      [](Event& e) { e.occurred_at = Timestamp{1}; },
      [](Event& e) { e.tags = {"a"}; },
      [](Event& e) {
        e.tags = {"a", "b"};
      },
      [](Event& e) {
        e.tags = {"b", "a"};
      },
      [](Event& e) { e.tags = {"ab"}; },
  };
  std::set<std::pair<std::uint64_t, std::uint64_t>> digests;
  for (const auto& change : changes) {
    Event event;
    change(event);
    const Digest digest = digest_of(event);
    EXPECT_TRUE(digests.emplace(digest.low, digest.high).second);
  }
}

TEST(Command, WhereAMemberEndsCounts) {
  Event one;
  one.event_type = "ab";
  one.aggregate_type = "c";
  Event other;
  other.event_type = "a";
  other.aggregate_type = "bc";
  EXPECT_NE(digest_of(one), digest_of(other));
}

// Digests are kept in the book: the function may never change.
TEST(Command, TheDigestOfAKnownEventStaysWhatItWas) {
  Event event;
  event.correlation_id = "c";
  event.payload = R"({"n":1})";
  event.tags = {"red", "blue"};
  event.occurred_at = Timestamp{1'700'000'000'123'456};
  const Digest digest = digest_of(event);
  EXPECT_EQ(5556396256357381933u, digest.low);
  EXPECT_EQ(10325543999675326410u, digest.high);
}

TEST(Command, SealingGivesEveryDraftItsOwnRandomness) {
  const Append append = append_of({.events = {{}, {}, {}}, .randomness = 5});
  EXPECT_NE(append.events[0].randomness, append.events[1].randomness);
  EXPECT_NE(append.events[1].randomness, append.events[2].randomness);
  EXPECT_EQ(append.events[0].randomness,
            append_of({.events = {{}}, .randomness = 5}).events[0].randomness);
}

TEST(Command, WeighsWhatItHolds) {
  Event large;
  large.payload = std::string(10'000, 'x');
  const Append append = append_of({.events = {large, {}}});
  EXPECT_GT(append.bytes(), 10'000u);
  EXPECT_LT(append.bytes(), 11'000u);
}

TEST(Command, ATurnWeighsWhatItHolds) {
  const auto weight_of = [](QueueStep step) {
    TurnQueues turns;
    turns.turns.push_back({.group = "g"});
    const std::size_t before = bytes(Command(turns));
    turns.turns.back().steps.push_back(std::move(step));
    return bytes(Command(turns)) - before;
  };
  constexpr std::size_t kLarge = 1 << 20;
  EXPECT_GE(weight_of(BuryEvent{.row = std::string(kLarge, 'x')}), kLarge);
  EXPECT_GE(weight_of(NackLeases{.reason = std::string(1000, 'x')}), 1000u);
  const std::size_t offsets = 1000 * sizeof(Offset);
  EXPECT_GE(weight_of(AckLeases{.leases = std::vector<LeaseName>(1000)}), offsets);
  EXPECT_GE(weight_of(ExtendLeases{.leases = std::vector<LeaseName>(1000)}), offsets);
  EXPECT_GE(weight_of(RetryDeadLetters{std::vector<RetryDeadLetters::One>(1000)}), offsets);
  EXPECT_GE(weight_of(DiscardDeadLetters{std::vector<Offset>(1000)}), offsets);
  EXPECT_GE(weight_of(LookAtDeadLetters{std::vector<Offset>(1000)}), offsets);
  EXPECT_GE(weight_of(ReleaseHeld{.events = std::vector<Offset>(1000)}), offsets);
  EXPECT_LT(weight_of(EndMember{.member = "m"}), 1000u);

  TurnQueues read;
  read.turns.push_back({.group = "g"});
  const std::size_t empty = bytes(Command(read));
  read.turns.back().admission = Admission{.events = std::vector<Candidate>(1000)};
  EXPECT_GE(bytes(Command(read)) - empty, offsets);
}

TEST(Command, AServerMadeIdIsWrittenAsAUuid) {
  EventId id;
  for (std::uint8_t i = 0; i < 16; ++i) id.uuid[i] = static_cast<std::uint8_t>(i * 17);
  EXPECT_EQ("00112233-4455-6677-8899-aabbccddeeff", id.to_string());
  EXPECT_TRUE(id.server_made());
  id.text = "mine";
  EXPECT_EQ("mine", id.to_string());
}

}  // namespace
}  // namespace daybook
