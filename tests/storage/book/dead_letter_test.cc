#include "storage/book/dead_letter.h"

#include <gtest/gtest.h>

#include "storage/base/limits.h"
#include "tests/storage/samples.h"

namespace daybook {
namespace {

using test::append_of;
using test::code_of;
using test::describe;
using test::Request;

// Three events with and without all that an event may have, as a block has them.
std::shared_ptr<const Block> sample_block() {
  static const Request request{
      .id_space = "legacy",
      .principal = "someone",
      .events = {{},
                 {.event_type = "order.paid",
                  .aggregate_type = "order",
                  .aggregate_id = "7",
                  .id = "paid-7",
                  .schema_version = "\"2.0\"",
                  .correlation_id = "c-1",
                  .causation_id = "paid-6",
                  .payload = "1.0",
                  .metadata = R"({"trace":"t"})",
                  .occurred_at = Timestamp{-5},
                  .tags = {"red", "order:7"}},
                 {.payload = std::string(100'000, '7'), .occurred_at = Timestamp{9}}}};
  const Append append = append_of(request);
  BlockBuilder builder;
  for (std::size_t i = 0; i < append.events.size(); ++i)
    builder.add(append, append.events[i],
                {.offset = Offset{41 + i},
                 .sequence = {7 + i},
                 .recorded_at = {static_cast<std::int64_t>(1'000'000 + i)},
                 .server_id = {1, 2, static_cast<std::uint8_t>(i)},
                 .batch_index = static_cast<std::uint32_t>(i)});
  return Block::trust(builder.finish());
}

FailedAttempt failure(Attempt attempt, FailureKind kind = FailureKind::nack) {
  return {.attempt = attempt,
          .kind = kind,
          .member = "worker-" + std::to_string(attempt),
          .reason = "because",
          .at = {1000 + attempt}};
}

std::string letter() {
  return encode_dead_letter(*sample_block()->event(Offset{42}),
                            {.failures = {failure(1), failure(2, FailureKind::timeout)},
                             .attempts = 2,
                             .died_at = {2000}});
}

TEST(DeadLetter, TheCopyIsTheEvent) {
  const auto block = sample_block();
  for (Offset offset = block->first(); offset <= block->last(); offset = offset + 1) {
    auto event = block->event(offset);
    auto back = decode_dead_letter(encode_dead_letter(*event, {}));
    ASSERT_TRUE(back) << back.error().detail;
    ASSERT_EQ(offset, back->copy->first());
    EXPECT_EQ(1u, back->copy->count());
    EXPECT_EQ(describe(*event), describe(*back->copy->event(offset)));
    EXPECT_EQ(event->id.uuid, back->copy->event(offset)->id.uuid);
  }
}

TEST(DeadLetter, WhatWentWrongComesBack) {
  DeadLetterFacts facts{.attempts = 300, .died_at = {-7}, .retried = 5};
  for (const auto kind : {FailureKind::nack, FailureKind::timeout, FailureKind::disconnected})
    facts.failures.push_back(failure(static_cast<Attempt>(facts.failures.size() + 200), kind));
  facts.failures.push_back({.attempt = 1});
  auto back = decode_dead_letter(encode_dead_letter(*sample_block()->event(Offset{41}), facts));
  ASSERT_TRUE(back);
  EXPECT_EQ(facts.failures, back->facts.failures);
  EXPECT_EQ(300u, back->facts.attempts);
  EXPECT_EQ(Timestamp{-7}, back->facts.died_at);
  EXPECT_EQ(5u, back->facts.retried);
}

TEST(DeadLetter, ATruncatedOneIsCorrupted) {
  const std::string whole = letter();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ("corrupted", code_of(decode_dead_letter(whole.substr(0, size)))) << size;
  EXPECT_EQ("corrupted", code_of(decode_dead_letter(whole + "x")));
}

TEST(DeadLetter, DamageIsAnErrorOrADeadLetter) {
  const std::string whole = letter();
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string damaged = whole;
      damaged[at] = value;
      auto back = decode_dead_letter(damaged);
      if (!back) {
        EXPECT_EQ(Errc::corrupted, back.error().code);
      }
    }
}

TEST(DeadLetter, ANewerVersionIsRefused) {
  std::string newer = letter();
  ++newer[0];
  EXPECT_EQ("corrupted", code_of(decode_dead_letter(newer)));
}

TEST(DeadLetter, AnEventThatDiesAgainKeepsItsHistory) {
  const DeadLetterFacts before{
      .failures = {failure(1), failure(2)}, .attempts = 2, .died_at = {2000}, .retried = 1};
  const DeadLetterFacts again{.failures = {failure(3)}, .attempts = 3, .died_at = {3000}};
  const DeadLetterFacts both = join(before, again);
  EXPECT_EQ((std::vector<FailedAttempt>{failure(1), failure(2), failure(3)}), both.failures);
  EXPECT_EQ(3u, both.attempts);
  EXPECT_EQ(Timestamp{3000}, both.died_at);
  EXPECT_EQ(2u, both.retried);
}

TEST(DeadLetter, ALongHistoryLosesItsBeginning) {
  DeadLetterFacts facts;
  for (Attempt attempt = 1; attempt <= 2 * limits::failures_kept; ++attempt)
    facts = join(facts, {.failures = {failure(attempt)}, .attempts = attempt});
  ASSERT_EQ(limits::failures_kept, facts.failures.size());
  EXPECT_EQ(limits::failures_kept + 1, facts.failures.front().attempt);
  EXPECT_EQ(2 * limits::failures_kept, facts.failures.back().attempt);
  EXPECT_EQ(2 * limits::failures_kept, facts.attempts);
}

}  // namespace
}  // namespace daybook
