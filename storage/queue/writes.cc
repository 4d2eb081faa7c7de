// What of a queue is durable: rows, and how they are taken over again.
#include <algorithm>

#include "storage/base/limits.h"
#include "storage/queue/queue_state.h"

namespace daybook {

using queue::EntryRow;
using queue::EntryState;
using queue::QueueEntry;

namespace {

Timestamp wall_time(Moment at, QueueTime now) {
  if (at <= now.steady) return {};
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(at - now.steady);
  return {now.wall.micros + left.count()};
}

EntryRow row_of(const QueueEntry& entry, QueueTime now) {
  return {.offset = entry.offset,
          .lane = entry.lane,
          .state = entry.state,
          .again = entry.again,
          .was_dead = entry.was_dead,
          .attempts = entry.attempts,
          .failed = entry.failed,
          .failures = entry.failures,
          .due = wall_time(entry.due, now)};
}

// The entries of a row, whose members are named once.
class RowEntries {
 public:
  RowEntries(queue::Row& row, QueueTime now) : row_(row), now_(now) {}
  void add(const QueueEntry& entry) {
    row_.entries.push_back(row_of(entry, now_));
    if (entry.state != EntryState::leased) return;
    const auto [known, is_new] =
        members_.try_emplace(entry.member, static_cast<std::uint32_t>(row_.members.size()));
    if (is_new) row_.members.push_back(entry.member->name);
    row_.entries.back().member = known->second;
  }

 private:
  queue::Row& row_;
  const QueueTime now_;
  std::map<const queue::Member*, std::uint32_t> members_;
};

}  // namespace

// Everything up to here was delivered, or is nothing for this queue; what was passed over on the
// way becomes part of the row.
Offset Queue::State::could_be_delivered_to() const {
  const Offset upto = std::max(delivered_to, highest_lease);
  const auto next = entries.in_order().upper_bound(upto);
  return std::max(upto, next == entries.in_order().end() ? examined : next->first - 1);
}

Offset Queue::State::committed() const {
  const auto& waiting = entries.in_order();
  const Offset upto = could_be_delivered_to();
  return waiting.empty() || waiting.begin()->first > upto ? upto : waiting.begin()->first - 1;
}

queue::Row Queue::State::header() const {
  return {.delivered_to = delivered_to,
          .attempt_max = attempt_max,
          .attempt_base = attempt_base,
          .dead_letters = dead_letters,
          .acked = acked,
          .skipped = skipped};
}

queue::Row Queue::State::snapshot() {
  queue::Row row = header();
  row.is_snapshot = true;
  std::map<Offset, const QueueEntry*> all;
  for (const auto& [offset, entry] : entries.again()) all.emplace(offset, &entry);
  for (const auto& [offset, entry] : entries.in_order())
    if (offset <= delivered_to) all.emplace(offset, &entry);
  RowEntries out(row, now);
  for (const auto& [offset, entry] : all) out.add(*entry);
  set_aside.take_changed();
  for (const auto& [lane, held] : set_aside.all()) row.held.push_back({lane, false, held});
  return row;
}

// `before`: how far the last row was delivered. What was passed over since then is listed, too.
queue::Row Queue::State::changes(Offset before) {
  queue::Row row = header();
  const auto& waiting = entries.in_order();
  for (auto at = waiting.upper_bound(before); at != waiting.end() && at->first <= delivered_to;
       ++at)
    touched.push_back(at->first);
  std::ranges::sort(touched);
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  RowEntries out(row, now);
  for (const Offset offset : touched) {
    if (const QueueEntry* entry = entries.find(offset))
      out.add(*entry);
    else
      row.finished.push_back(offset);
  }
  for (const LaneKey lane : set_aside.take_changed()) {
    const queue::Held* held = set_aside.find(lane);
    row.held.push_back({lane, held == nullptr, held ? *held : queue::Held{}});
  }
  return row;
}

void Queue::State::take_over(const queue::Row& row) {
  examined = delivered_to = row.delivered_to;
  attempt_max = row.attempt_max;
  attempt_base = row.attempt_base;
  dead_letters = row.dead_letters;
  acked = row.acked;
  skipped = row.skipped;
  for (const EntryRow& entry : row.entries) take_over(entry, row.members);
  for (const queue::HeldRow& held : row.held) set_aside.put(held.lane, held.held);
  set_aside.take_changed();
  for (const EntryRow& entry : row.entries) offer(*entries.find(entry.offset));
}

void Queue::State::take_over(const EntryRow& row, const std::vector<std::string>& names) {
  QueueEntry& entry = entries.add({row.offset, row.lane}, row.again);
  entry.was_dead = row.was_dead;
  entry.attempts = row.attempts;
  entry.failed = row.failed;
  entry.failures = row.failures;
  entry.state = row.state;
  if (row.state == EntryState::exhausted) exhausted.insert(row.offset);
  if (row.state == EntryState::leased) {
    entry.member = &members.of(names[row.member]);
    entry.since = now.steady;
    entry.inherited = true;
    entries.set_leased(entry, true);
    leases.push_back(entry);
    ++in_flight_count;
    ++entry.member->in_flight;
  }
  if (row.due == Timestamp{}) return;
  // However the wall clock was set meanwhile, nobody waits longer than the longest delay.
  const std::chrono::microseconds left(row.due.micros - now.wall.micros);
  entry.due = now.steady + std::clamp<std::chrono::microseconds>(left, {}, limits::delay_max);
  if (entry.due > now.steady) backing_off.emplace(entry.due, &entry);
}

// What readers see from the last row on.
void Queue::State::see() {
  view = {.committed = committed(),
          .examined = examined,
          .in_flight = in_flight_count,
          .unfinished = entries.size(),
          .set_aside = set_aside.total(),
          .dead_letters = dead_letters,
          .acked = acked,
          .skipped = skipped,
          .breaker = breaker.state(),
          .needs_driver = in_flight_count > 0 || !exhausted.empty() || set_aside.is_releasing()};
}

}  // namespace daybook
