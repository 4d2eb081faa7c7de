#include "storage/book/dead_letter.h"

#include <algorithm>

#include "storage/base/bytes.h"
#include "storage/base/limits.h"
#include "storage/model/command.h"

namespace daybook {
namespace {

constexpr std::uint8_t kRowVersion = 1;

// The event as it was appended, at the place that it was given.
std::string block_of(const EventView& event) {
  Append append;
  append.id_space = event.id_space;
  append.principal = event.principal;
  Draft draft;
  draft.event_type = event.event_type;
  draft.aggregate_type = event.aggregate_type;
  draft.aggregate_id = event.aggregate_id;
  draft.id = event.id.text;
  draft.schema_version = event.schema_version;
  draft.correlation_id = event.correlation_id;
  draft.causation_id = event.causation_id;
  draft.payload = event.payload;
  draft.metadata = event.metadata;
  draft.occurred_at = event.occurred_at;
  draft.tags = event.tags;
  draft.digest = event.digest;
  BlockBuilder builder;
  builder.add(append, draft,
              {.offset = event.offset,
               .sequence = event.sequence,
               .recorded_at = event.recorded_at,
               .server_id = event.id.uuid,
               .batch_index = event.batch_index});
  return builder.finish();
}

bool is_known(FailureKind kind) {
  return kind == FailureKind::nack || kind == FailureKind::timeout ||
         kind == FailureKind::disconnected;
}

Error damaged() {
  return {Errc::corrupted, "a dead letter is damaged"};
}

}  // namespace

std::string encode_dead_letter(const EventView& event, const DeadLetterFacts& facts) {
  std::string out;
  append_little(out, kRowVersion);
  append_text(out, block_of(event));
  append_varint(out, facts.attempts);
  append_varint(out, facts.retried);
  append_little(out, facts.died_at.micros);
  append_varint(out, facts.failures.size());
  for (const FailedAttempt& failure : facts.failures) {
    append_varint(out, failure.attempt);
    append_little(out, static_cast<std::uint8_t>(failure.kind));
    append_little(out, failure.at.micros);
    append_text(out, failure.member);
    append_text(out, failure.reason);
  }
  return out;
}

Result<DeadLetter> decode_dead_letter(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.little<std::uint8_t>() != kRowVersion)
    return Error{Errc::corrupted, "a dead letter was written by a newer version of Daybook"};
  auto block = Block::open(std::string(in.text()));
  if (!block) return block.error();
  if ((*block)->count() != 1) return damaged();
  DeadLetter letter;
  letter.copy = std::move(*block);
  DeadLetterFacts& facts = letter.facts;
  facts.attempts = static_cast<Attempt>(in.varint());
  facts.retried = static_cast<std::uint32_t>(in.varint());
  facts.died_at = {in.little<std::int64_t>()};
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    FailedAttempt failure;
    failure.attempt = static_cast<Attempt>(in.varint());
    failure.kind = static_cast<FailureKind>(in.little<std::uint8_t>());
    failure.at = {in.little<std::int64_t>()};
    failure.member = in.text();
    failure.reason = in.text();
    if (in.ok() && !is_known(failure.kind)) return damaged();
    facts.failures.push_back(std::move(failure));
  }
  if (!in.ok() || !in.at_end()) return damaged();
  return letter;
}

DeadLetterFacts join(DeadLetterFacts before, const DeadLetterFacts& again) {
  std::vector<FailedAttempt>& failures = before.failures;
  failures.insert(failures.end(), again.failures.begin(), again.failures.end());
  if (failures.size() > limits::failures_kept)
    failures.erase(failures.begin(), failures.end() - limits::failures_kept);
  before.attempts = std::max(before.attempts, again.attempts);
  before.died_at = again.died_at;
  ++before.retried;  // It was delivered again since.
  return before;
}

}  // namespace daybook
