#include "storage/model/command.h"

#include <xxhash.h>

namespace daybook {
namespace {

// SplitMix64: spreads one random number over many drafts.
// Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014.
std::uint64_t split_mix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// A field with its length, so that no two drafts differ only in where a field ends.
void append_field(std::string& out, std::string_view field) {
  const auto length = static_cast<std::uint32_t>(field.size());
  out.append(reinterpret_cast<const char*>(&length), sizeof length).append(field);
}

constexpr std::size_t kSmallCommand = 512;

// What a step holds apart from itself.
struct StepBytes {
  std::size_t operator()(const AckLeases& step) const { return leases(step); }
  std::size_t operator()(const NackLeases& step) const { return leases(step) + step.reason.size(); }
  std::size_t operator()(const ExtendLeases& step) const { return leases(step); }
  std::size_t operator()(const ReleaseLeases& step) const { return leases(step); }
  std::size_t operator()(const EndMember& step) const { return step.member.size(); }
  std::size_t operator()(const BuryEvent& step) const {
    return step.row.size() + step.aggregate_type.size() + step.aggregate_id.size();
  }
  std::size_t operator()(const RetryDeadLetters& step) const { return of(step.events); }
  std::size_t operator()(const DiscardDeadLetters& step) const { return of(step.offsets); }
  std::size_t operator()(const LookAtDeadLetters& step) const { return of(step.offsets); }
  std::size_t operator()(const ReleaseHeld& step) const { return of(step.events); }

 private:
  template <class T>
  static std::size_t of(const std::vector<T>& list) {
    return list.size() * sizeof(T);
  }
  template <class Step>
  static std::size_t leases(const Step& step) {
    return step.member.size() + of(step.leases);
  }
};

std::size_t bytes_of(const QueueTurn& turn) {
  std::size_t total = sizeof turn + turn.group.size();
  if (turn.admission) total += turn.admission->events.size() * sizeof(Candidate);
  for (const QueueStep& step : turn.steps) total += sizeof step + std::visit(StepBytes{}, step);
  return total;
}

}  // namespace

bool Expected::holds_at(Sequence actual) const {
  switch (kind) {
    case Kind::any: return true;
    case Kind::none: return actual.value == 0;
    case Kind::exists: return actual.value != 0;
    case Kind::exact: return actual == sequence;
  }
  return false;
}

std::string Expected::to_json() const {
  switch (kind) {
    case Kind::any: return "\"any\"";
    case Kind::none: return "\"none\"";
    case Kind::exists: return "\"exists\"";
    case Kind::exact: return std::to_string(sequence.value);
  }
  return "\"any\"";
}

std::size_t Draft::bytes() const {
  std::size_t tag_bytes = 0;
  for (const std::string_view tag : tags) tag_bytes += tag.size() + 2;
  return 64 + event_type.size() + aggregate_type.size() + aggregate_id.size() + id.size() +
         correlation_id.size() + causation_id.size() + payload.size() + metadata.size() + tag_bytes;
}

Digest content_digest(const Draft& draft) {
  // Hashing one text at once is several times faster than hashing a dozen fields.
  thread_local std::string text;
  text.clear();
  for (const std::string_view field :
       {draft.event_type, draft.aggregate_type, draft.aggregate_id, draft.schema_version,
        draft.correlation_id, draft.causation_id, draft.payload, draft.metadata})
    append_field(text, field);
  const std::int64_t occurred = draft.occurred_at ? draft.occurred_at->micros : INT64_MIN;
  append_field(text, {reinterpret_cast<const char*>(&occurred), sizeof occurred});
  for (const std::string_view tag : draft.tags) append_field(text, tag);
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return {.low = hash.low64, .high = hash.high64};
}

std::size_t Append::bytes() const {
  std::size_t total = 64;
  for (const Draft& draft : events) total += draft.bytes();
  return total;
}

void Append::seal(Timestamp now, std::uint64_t randomness) {
  stamped_at = now;
  for (Draft& draft : events) {
    draft.digest = content_digest(draft);
    draft.randomness = split_mix(randomness);
  }
}

std::size_t bytes(const Command& command) {
  if (const auto* append = std::get_if<Append>(&command)) return append->bytes();
  std::size_t total = kSmallCommand;
  if (const auto* turns = std::get_if<TurnQueues>(&command))
    for (const QueueTurn& turn : turns->turns) total += bytes_of(turn);
  return total;
}

}  // namespace daybook
