// What comes into a queue, goes out, and falls due.
#include <algorithm>

#include "storage/base/check.h"
#include "storage/base/limits.h"
#include "storage/queue/queue_state.h"

namespace daybook {

using queue::EntryState;
using queue::QueueEntry;

namespace {

// One turn is bounded: the writer has other work.
constexpr std::size_t kDeliveriesMax = 4096;
constexpr std::size_t kReleasesMax = 16;

}  // namespace

void Queue::State::admit(const Admission& admission) {
  if (admission.after != examined || admission.revision != group.revision) return;
  for (const Candidate& event : admission.events) {
    CHECK(event.offset > examined && event.offset <= admission.examined);
    examined = event.offset;
    if (set_aside.take(event) || entries.find(event.offset) != nullptr) continue;
    offer(entries.add(event, false));
  }
  examined = std::max(examined, admission.examined);
}

void Queue::State::expire() {
  const auto timeout = std::chrono::milliseconds(settings().ack_timeout_ms);
  while (!leases.empty() && leases.front().since + timeout <= now.steady) {
    QueueEntry& entry = leases.front();
    if (entry.inherited) {
      const std::string member = entry.member->name;
      release(entry);
      members.remove(member);  // It may never come back, and nobody says so.
    } else
      fail(entry, FailureKind::timeout, "not acked in time", std::nullopt);
  }
  while (!backing_off.empty() && backing_off.begin()->first <= now.steady) {
    QueueEntry& entry = *backing_off.begin()->second;
    backing_off.erase(backing_off.begin());
    offer(entry);
  }
}

void Queue::State::end_lease(QueueEntry& entry) {
  CHECK(entry.state == EntryState::leased);
  entries.set_leased(entry, false);
  leases.erase(leases.iterator_to(entry));
  --in_flight_count;
  --entry.member->in_flight;
  entry.member = nullptr;
  entry.inherited = false;
  entry.state = EntryState::waiting;
  touch(entry);
  // Where a dead letter was retried before it: that is next.
  QueueEntry* first = entries.first_of(entry.lane);
  if (first != nullptr && first != &entry) offer(*first);
}

void Queue::State::fail(QueueEntry& entry, FailureKind kind, std::string reason,
                        std::optional<std::chrono::milliseconds> delay) {
  // UTF-8 is cut between two characters.
  std::size_t length = std::min(reason.size(), limits::reason_bytes_max);
  while (length < reason.size() && length > 0 && (reason[length] & 0xc0) == 0x80) --length;
  reason.resize(length);
  entry.failures.push_back({.attempt = entry.attempts,
                            .kind = kind,
                            .member = entry.member->name,
                            .reason = std::move(reason),
                            .at = now.wall});
  if (entry.failures.size() > limits::failures_kept) entry.failures.erase(entry.failures.begin());
  ++entry.failed;
  ++failed[static_cast<std::size_t>(kind) - 1];
  breaker.finished(entry.offset, entry.attempts, false, now.steady);
  end_lease(entry);
  if (entry.failed >= settings().max_deliveries)
    exhaust(entry);
  else
    wait_until(entry, now.steady + delay.value_or(queue::back_off(settings(), entry.failed)));
}

void Queue::State::release(QueueEntry& entry) {
  breaker.withdrawn(entry.offset, entry.attempts, now.steady);
  end_lease(entry);
  wait_until(entry, now.steady);
}

void Queue::State::wait_until(QueueEntry& entry, Moment due) {
  entry.due = due;
  if (due > now.steady)
    backing_off.emplace(due, &entry);
  else
    offer(entry);
}

void Queue::State::exhaust(QueueEntry& entry) {
  if (entry.state == EntryState::exhausted) return;
  stand_nowhere(entry);
  entry.state = EntryState::exhausted;
  exhausted.insert(entry.offset);
}

// Out of the line, and of those that wait.
void Queue::State::stand_nowhere(QueueEntry& entry) {
  if (entry.ready) std::erase(line, &entry);
  entry.ready = false;
  const auto [begin, end] = backing_off.equal_range(entry.due);
  const auto waiting =
      std::find_if(begin, end, [&entry](const auto& at) { return at.second == &entry; });
  if (waiting != end) backing_off.erase(waiting);
  entry.due = Moment::min();
}

void Queue::State::offer(QueueEntry& entry) {
  if (entry.ready || entry.state != EntryState::waiting || entry.due > now.steady ||
      !entries.is_first(entry))
    return;
  entry.ready = true;
  line.push_back(&entry);
}

void Queue::State::finish(QueueEntry& entry) {
  const LaneKey lane = entry.lane;
  touch(entry);
  if (entry.was_dead) {
    settled.insert(entry.offset);
    moves.note(entry.offset);
    --dead_letters;
    set_aside.settle(entry.offset);
  }
  drop(entry);
  if (QueueEntry* next = entries.first_of(lane)) offer(*next);
}

void Queue::State::drop(QueueEntry& entry) {
  stand_nowhere(entry);
  entries.erase(entry);
}

void Queue::State::begin_at(Offset from, Offset kept) {
  while (!leases.empty()) {
    QueueEntry& entry = leases.front();
    breaker.withdrawn(entry.offset, entry.attempts, now.steady);
    end_lease(entry);
  }
  line.clear();
  backing_off.clear();
  exhausted.clear();
  touched.clear();
  entries.clear(kept);
  for (auto& [offset, entry] : entries.again()) {
    entry.ready = false;
    if (entry.state == EntryState::exhausted)
      exhausted.insert(offset);
    else
      wait_until(entry, entry.due);
  }
  examined = delivered_to = from;
  highest_lease = {};
  attempt_base = attempt_max;
  journal.begin_anew();
  dirty = true;
}

// The first in line that can still be delivered.
QueueEntry* Queue::State::next_ready() {
  while (!line.empty()) {
    QueueEntry& entry = *line.front();
    if (entries.is_first(entry)) return &entry;
    entry.ready = false;  // A dead letter was retried before it: it is offered again after that.
    line.pop_front();
  }
  return nullptr;
}

void Queue::State::lease(QueueEntry& entry, queue::Member& member) {
  entry.ready = false;
  entry.state = EntryState::leased;
  entry.attempts = (entry.attempts > 0 ? entry.attempts : attempt_base) + 1;
  entry.member = &member;
  entry.since = now.steady;
  entry.due = Moment::min();
  attempt_max = std::max(attempt_max, entry.attempts);
  if (entry.offset <= examined) highest_lease = std::max(highest_lease, entry.offset);
  entries.set_leased(entry, true);
  leases.push_back(entry);
  ++in_flight_count;
  ++member.in_flight;
  breaker.delivered(entry.offset, entry.attempts);
  touch(entry);
}

bool Queue::State::may_deliver() const {
  return !is_stopped() && breaker.allows(now.steady) && in_flight_count < settings().max_in_flight;
}

void Queue::State::deliver(std::vector<Demand>& demand, TurnResult& result) {
  if (is_stopped()) return;
  queue::Seats seats(members, demand);
  const bool has_lanes = settings().order == GroupOrder::aggregate;
  while (!seats.empty() && may_deliver() && result.deliveries.size() < kDeliveriesMax) {
    QueueEntry* entry = next_ready();
    if (entry == nullptr) return;
    line.pop_front();
    const auto pick = seats.pick(has_lanes ? entry->lane : 0);
    lease(*entry, *pick.member);
    result.deliveries.push_back(
        {.demand = pick.demand, .offset = entry->offset, .attempt = entry->attempts});
  }
}

Idle Queue::State::why_idle(bool wanted, const TurnResult& result) const {
  if (!result.deliveries.empty()) return Idle::delivering;
  if (is_stopped()) return Idle::paused;
  if (entries.size() == 0) return set_aside.total() > 0 ? Idle::set_aside : Idle::caught_up;
  if (!breaker.allows(now.steady)) return Idle::breaker;
  if (!line.empty()) {
    if (!may_deliver()) return Idle::in_flight_limit;
    return wanted ? Idle::bug : Idle::no_credits;
  }
  if (entries.size() >= settings().max_unfinished) return Idle::unfinished_limit;
  if (!backing_off.empty()) return Idle::back_off;
  if (entries.size() > in_flight_count) return Idle::aggregates_busy;
  return set_aside.total() > 0 ? Idle::set_aside : Idle::caught_up;
}

void Queue::State::ask_for_burials(Outlook& out) {
  for (const Offset offset : exhausted) {
    if (out.to_bury.size() == limits::burials_in_turn) return;
    const QueueEntry& entry = *entries.find(offset);
    DeadLetterFacts facts{
        .failures = entry.failures, .attempts = entry.attempts, .died_at = now.wall};
    out.to_bury.push_back({.offset = offset, .facts = std::move(facts)});
  }
}

void Queue::State::ask_for_releases(Outlook& out) const {
  if (!set_aside.is_releasing() || out.room == 0) return;
  for (const auto& [lane, held] : set_aside.all()) {
    // What lies beyond `examined`, after a restart, is read with the rest first.
    const Offset upto = std::min(held.last, examined);
    if (!held.releasing || held.released_to >= upto) continue;
    if (out.to_release.size() == kReleasesMax) return;
    out.to_release.push_back(
        {lane, held.aggregate_type, held.aggregate_id, held.released_to, upto});
  }
}

std::optional<Moment> Queue::State::next_due() const {
  Moment due = Moment::max();
  if (!leases.empty())
    due = leases.front().since + std::chrono::milliseconds(settings().ack_timeout_ms);
  if (!backing_off.empty()) due = std::min(due, backing_off.begin()->first);
  if (!line.empty() && !breaker.allows(now.steady))
    due = std::min(due, breaker.next_due().value_or(due));
  return due == Moment::max() ? std::nullopt : std::optional(due);
}

// The committed offset moves by count and by time, also where nothing is delivered.
void Queue::State::keep_checkpoint(Outlook& out) {
  const Offset could_be = could_be_delivered_to();
  if (could_be <= delivered_to) return;
  const Moment at = written_at + limits::checkpoint_interval;
  if (could_be - delivered_to >= limits::checkpoint_events || now.steady >= at)
    dirty = true;
  else
    out.next_due = std::min(out.next_due.value_or(at), at);
}

Outlook Queue::State::look(const std::vector<Demand>& demand, const TurnResult& result) {
  next_ready();  // What cannot be delivered any more leaves the line.
  const bool wanted = std::ranges::any_of(demand, [](const Demand& d) { return d.count > 0; });
  Outlook out{.examined = examined, .room = room(), .ready = line.size()};
  out.idle = why_idle(wanted, result);
  out.behind = wanted && !line.empty() && may_deliver();
  out.next_due = next_due();
  ask_for_burials(out);
  ask_for_releases(out);
  keep_checkpoint(out);
  return out;
}

}  // namespace daybook
