#include "storage/queue/queue_row.h"

#include "storage/base/bytes.h"

namespace daybook::queue {
namespace {

constexpr std::uint8_t kRowVersion = 1;

// An entry's first byte: its state, and what follows.
constexpr std::uint8_t kStateBits = 0x03;
constexpr std::uint8_t kAgain = 0x04;
constexpr std::uint8_t kWasDead = 0x08;
constexpr std::uint8_t kHasLane = 0x10;
constexpr std::uint8_t kHasDue = 0x20;
constexpr std::uint8_t kHasFailures = 0x40;

void append_failure(std::string& out, const FailedAttempt& failure) {
  append_varint(out, failure.attempt);
  append_little(out, static_cast<std::uint8_t>(failure.kind));
  append_text(out, failure.member);
  append_text(out, failure.reason);
  append_varint(out, zigzag(failure.at.micros));
}

FailedAttempt read_failure(ByteReader& in) {
  FailedAttempt failure;
  failure.attempt = static_cast<Attempt>(in.varint());
  failure.kind = static_cast<FailureKind>(in.little<std::uint8_t>());
  failure.member = in.text();
  failure.reason = in.text();
  failure.at = {unzigzag(in.varint())};
  return failure;
}

void append_entry(std::string& out, const EntryRow& entry, Offset before) {
  append_varint(out, entry.offset - before);
  auto flags = static_cast<std::uint8_t>(entry.state);
  if (entry.again) flags |= kAgain;
  if (entry.was_dead) flags |= kWasDead;
  if (entry.lane != 0) flags |= kHasLane;
  if (entry.due != Timestamp{}) flags |= kHasDue;
  if (entry.failed > 0) flags |= kHasFailures;
  append_little(out, flags);
  append_varint(out, entry.attempts);
  if (entry.lane != 0) append_little(out, entry.lane);
  if (entry.state == EntryState::leased) append_varint(out, entry.member);
  if (entry.due != Timestamp{}) append_varint(out, zigzag(entry.due.micros));
  if (entry.failed == 0) return;
  append_varint(out, entry.failed);
  append_varint(out, entry.failures.size());
  for (const FailedAttempt& failure : entry.failures) append_failure(out, failure);
}

EntryRow read_entry(ByteReader& in, Offset before) {
  EntryRow entry;
  entry.offset = before + in.varint();
  const auto flags = in.little<std::uint8_t>();
  entry.state = static_cast<EntryState>(flags & kStateBits);
  entry.again = (flags & kAgain) != 0;
  entry.was_dead = (flags & kWasDead) != 0;
  entry.attempts = static_cast<Attempt>(in.varint());
  if ((flags & kHasLane) != 0) entry.lane = in.little<std::uint64_t>();
  if (entry.state == EntryState::leased) entry.member = static_cast<std::uint32_t>(in.varint());
  if ((flags & kHasDue) != 0) entry.due = {unzigzag(in.varint())};
  if ((flags & kHasFailures) == 0) return entry;
  entry.failed = static_cast<std::uint32_t>(in.varint());
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left)
    entry.failures.push_back(read_failure(in));
  return entry;
}

void append_held(std::string& out, const HeldRow& row) {
  append_little(out, row.lane);
  append_little(out, static_cast<std::uint8_t>(row.gone ? 0 : row.held.releasing ? 2 : 1));
  if (row.gone) return;
  append_text(out, row.held.aggregate_type);
  append_text(out, row.held.aggregate_id);
  for (const std::uint64_t number :
       {row.held.dead.value, row.held.last.value, row.held.count, row.held.released_to.value})
    append_varint(out, number);
}

HeldRow read_held(ByteReader& in) {
  HeldRow row;
  row.lane = in.little<std::uint64_t>();
  const auto kind = in.little<std::uint8_t>();
  row.gone = kind == 0;
  if (row.gone) return row;
  row.held.releasing = kind == 2;
  row.held.aggregate_type = in.text();
  row.held.aggregate_id = in.text();
  row.held.dead = {in.varint()};
  row.held.last = {in.varint()};
  row.held.count = in.varint();
  row.held.released_to = {in.varint()};
  return row;
}

bool is_sound(const Row& row) {
  for (const EntryRow& entry : row.entries) {
    if (entry.state > EntryState::exhausted) return false;
    if (entry.state == EntryState::leased && entry.member >= row.members.size()) return false;
    for (const FailedAttempt& failure : entry.failures)
      if (failure.kind < FailureKind::nack || failure.kind > FailureKind::disconnected)
        return false;
  }
  return true;
}

void read_lists(ByteReader& in, Row& row) {
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left)
    row.members.emplace_back(in.text());
  Offset before;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    row.entries.push_back(read_entry(in, before));
    before = row.entries.back().offset;
  }
  before = {};
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left)
    row.finished.push_back(before = before + in.varint());
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left)
    row.held.push_back(read_held(in));
}

}  // namespace

std::string encode(const Row& row) {
  std::string out;
  out.reserve(64 + 16 * row.entries.size() + 3 * row.finished.size());
  append_little(out, kRowVersion);
  append_little(out, static_cast<std::uint8_t>(row.is_snapshot ? 1 : 0));
  for (const std::uint64_t number :
       {row.number, row.delivered_to.value, std::uint64_t{row.attempt_max},
        std::uint64_t{row.attempt_base}, row.dead_letters, row.acked, row.skipped})
    append_varint(out, number);
  append_varint(out, row.members.size());
  for (const std::string& member : row.members) append_text(out, member);
  Offset before;
  append_varint(out, row.entries.size());
  for (const EntryRow& entry : row.entries) {
    append_entry(out, entry, before);
    before = entry.offset;
  }
  before = {};
  append_varint(out, row.finished.size());
  for (const Offset offset : row.finished) {
    append_varint(out, offset - before);
    before = offset;
  }
  append_varint(out, row.held.size());
  for (const HeldRow& held : row.held) append_held(out, held);
  return out;
}

Result<Row> decode_queue_row(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.little<std::uint8_t>() != kRowVersion)
    return Error{Errc::corrupted, "a queue's row was written by a newer version of Daybook"};
  Row row;
  row.is_snapshot = in.little<std::uint8_t>() == 1;
  row.number = in.varint();
  row.delivered_to = {in.varint()};
  row.attempt_max = static_cast<Attempt>(in.varint());
  row.attempt_base = static_cast<Attempt>(in.varint());
  row.dead_letters = in.varint();
  row.acked = in.varint();
  row.skipped = in.varint();
  read_lists(in, row);
  if (!in.ok() || !in.at_end() || !is_sound(row))
    return Error{Errc::corrupted, "a queue's row is damaged"};
  return row;
}

}  // namespace daybook::queue
