// What members and operators ask of a queue.
#include <algorithm>

#include "storage/base/limits.h"
#include "storage/queue/queue_state.h"

namespace daybook {

using queue::EntryState;
using queue::QueueEntry;

StepResult Queue::State::apply(const QueueStep& step) {
  return std::visit([this](const auto& one) { return apply(one); }, step);
}

// nullptr: there is no such lease any more.
QueueEntry* Queue::State::leased(const std::string& member, const LeaseName& name) {
  QueueEntry* entry = entries.find(name.offset);
  if (entry == nullptr || entry->state != EntryState::leased) return nullptr;
  if (name.attempt && *name.attempt != entry->attempts) return nullptr;
  return entry->member->name == member ? entry : nullptr;
}

// Does `act` to each entry that is leased so; the others are refused.
template <class Act>
StepResult Queue::State::each_leased(const std::string& member, const std::vector<LeaseName>& names,
                                     Act act) {
  StepResult result;
  for (const LeaseName& name : names) {
    if (QueueEntry* entry = leased(member, name))
      act(*entry);
    else
      result.refused.push_back(name.offset);
  }
  return result;
}

void Queue::State::succeed(QueueEntry& entry) {
  breaker.finished(entry.offset, entry.attempts, true, now.steady);
  end_lease(entry);
  finish(entry);
}

StepResult Queue::State::apply(const AckLeases& ack) {
  return each_leased(ack.member, ack.leases, [this](QueueEntry& entry) {
    ++acked;
    succeed(entry);
  });
}

StepResult Queue::State::apply(const NackLeases& nack) {
  return each_leased(nack.member, nack.leases, [this, &nack](QueueEntry& entry) {
    if (nack.action == NackAction::skip) {
      ++skipped;
      return succeed(entry);
    }
    fail(entry, FailureKind::nack, nack.reason, nack.delay);
    if (nack.action == NackAction::dead_letter) exhaust(entry);
  });
}

StepResult Queue::State::apply(const ExtendLeases& extend) {
  return each_leased(extend.member, extend.leases, [this](QueueEntry& entry) {
    entry.since = now.steady;
    leases.splice(leases.end(), leases, leases.iterator_to(entry));
  });
}

StepResult Queue::State::apply(const ReleaseLeases& back) {
  return each_leased(back.member, back.leases, [this](QueueEntry& entry) { release(entry); });
}

StepResult Queue::State::apply(const EndMember& end) {
  queue::Member* member = members.find(end.member);
  if (member == nullptr) return {};
  for (auto at = leases.begin(); at != leases.end() && member->in_flight > 0;) {
    QueueEntry& entry = *at++;
    if (entry.member != member) continue;
    if (end.lost && !entry.inherited)
      fail(entry, FailureKind::disconnected, "the member's connection was lost", std::nullopt);
    else
      release(entry);
  }
  members.remove(end.member);
  return {};
}

StepResult Queue::State::apply(const BuryEvent& bury) {
  QueueEntry* entry = entries.find(bury.offset);
  if (entry == nullptr || entry->state != EntryState::exhausted) return {.refused = {bury.offset}};
  const bool has_row = entry->was_dead || bury.replaces;
  if (settled.erase(bury.offset) > 0 || !has_row) ++dead_letters;
  buried[bury.offset] = bury.row;
  moves.note(bury.offset);
  exhausted.erase(bury.offset);
  set_lane_aside(*entry, bury);
  entry->was_dead = false;  // Its row stays.
  finish(*entry);
  return {};
}

// With `block_aggregate`: the later events of the dead letter's aggregate wait behind it.
void Queue::State::set_lane_aside(const QueueEntry& dead, const BuryEvent& bury) {
  if (!settings().block_aggregate || settings().order != GroupOrder::aggregate) return;
  const queue::Held* known = set_aside.find(dead.lane);
  if (known != nullptr && !known->releasing) return;
  queue::Held held{.aggregate_type = bury.aggregate_type,
                   .aggregate_id = bury.aggregate_id,
                   .dead = dead.offset,
                   .released_to = std::max(dead.offset, examined)};
  if (known != nullptr) {
    held.last = known->last;
    held.count = known->count;
    held.released_to = known->released_to;
  }
  for (QueueEntry* later : entries.all_of(dead.lane)) {
    if (later->offset <= dead.offset || later->state == EntryState::exhausted) continue;
    // It is forgotten, and goes on above its last attempt.
    if (later->attempts > 0) attempt_base = attempt_max;
    if (!later->was_dead) {  // Else it is a dead letter again.
      held.last = std::max(held.last, later->offset);
      held.released_to = std::min(held.released_to, later->offset - 1);
      ++held.count;
    }
    touch(*later);
    drop(*later);
  }
  set_aside.put(dead.lane, std::move(held));
}

StepResult Queue::State::apply(const RetryDeadLetters& retry) {
  StepResult result;
  for (const RetryDeadLetters::One& one : retry.events) {
    const Offset offset = one.event.offset;
    const queue::Held* held = set_aside.find(one.event.lane);
    const bool waits = held != nullptr && offset > held->dead;
    // Beyond `examined`, after a reset, it is read with the rest. Of one that is settled or buried
    // in this commit nobody has seen the row as it is now.
    const bool is_as_seen = !moves.has_moved(offset, retry.seen_at) && !settled.contains(offset) &&
                            !buried.contains(offset) && entries.find(offset) == nullptr;
    if (!is_as_seen || waits || offset > examined || entries.size() >= settings().max_unfinished) {
      result.refused.push_back(offset);
      continue;
    }
    QueueEntry& entry = entries.add(one.event, true);
    entry.was_dead = true;
    // From before a reset: meanwhile it may have been delivered again.
    entry.attempts = one.attempts > attempt_base ? one.attempts : attempt_max;
    touch(entry);
    offer(entry);
  }
  return result;
}

StepResult Queue::State::apply(const DiscardDeadLetters& discard) {
  StepResult result;
  for (const Offset offset : discard.offsets) {
    const QueueEntry* entry = entries.find(offset);
    const bool is_retried = entry != nullptr && entry->was_dead;
    if (moves.has_moved(offset, discard.seen_at) || is_retried || !settled.insert(offset).second) {
      result.refused.push_back(offset);
      continue;
    }
    buried.erase(offset);
    moves.note(offset);
    --dead_letters;
    ++skipped;
    dirty = true;
    set_aside.settle(offset);
  }
  return result;
}

StepResult Queue::State::apply(const LookAtDeadLetters& look) {
  StepResult result{.refused = {}, .moment = moves.now(), .standings = {}};
  for (const Offset offset : look.offsets) {
    const QueueEntry* entry = entries.find(offset);
    result.standings.push_back(
        {.retrying = entry != nullptr && entry->was_dead, .held = set_aside.behind(offset)});
  }
  return result;
}

StepResult Queue::State::apply(const ReleaseHeld& release) {
  const queue::Held* held = set_aside.find(release.lane);
  if (held == nullptr || !held->releasing || held->released_to != release.after) return {};
  std::uint64_t taken = 0;
  for (const Offset offset : release.events) {
    ++taken;
    if (entries.find(offset) != nullptr || buried.contains(offset)) continue;
    QueueEntry& entry = entries.add({offset, release.lane}, true);
    touch(entry);
    offer(entry);
  }
  // Nothing up to here is read a second time after a restart.
  highest_lease = std::max(highest_lease, std::min(release.examined, examined));
  set_aside.released(release.lane, release.examined, taken);
  return {};
}

}  // namespace daybook
