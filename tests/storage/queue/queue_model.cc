// What goes in, and what becomes of it. The checks of what comes out are in queue_model_checks.cc.
#include "tests/storage/queue/queue_model.h"

#include <algorithm>

#include "storage/base/limits.h"

namespace daybook::test {

QueueModel::QueueModel(const GroupRow& group, Offset start)
    : group_(group), examined_(start), floor_(start), highest_(start), committed_(start) {}

std::chrono::milliseconds QueueModel::back_off(std::size_t failed) const {
  const auto& steps = settings().backoff_ms;
  if (steps.empty()) return {};
  return std::chrono::milliseconds(steps[std::min(failed, steps.size()) - 1]);
}

void QueueModel::configure(const GroupRow& group) {
  const bool new_filter = group.settings.filter != group_.settings.filter;
  group_ = group;
  if (!settings().block_aggregate) {
    const auto held = held_;
    for (const auto& [lane, one] : held) settle(one.dead);
  }
  if (!new_filter) return;
  const Offset from = committed_offset();
  for (auto entry : leases()) release(entry);
  std::erase_if(entries_, [&](const auto& at) {
    if (at.second.again && at.first <= from) return false;
    if (at.second.was_dead) dead_.insert(at.first);
    owed_.erase(at.first);
    return true;
  });
  is_held_exact_ = false;
  for (auto& [lane, held] : held_)
    held.released_to = std::min(held.released_to, std::max(held.dead, from));
  std::erase_if(fates_, [&](const auto& fate) { return fate.first > from; });
  examined_ = highest_ = from;
  floor_ = std::max(floor_, from);
  attempts_jump_ = true;
}

void QueueModel::reset(Offset to) {
  for (auto entry : leases()) release(entry);
  for (const auto& [offset, entry] : entries_)
    if (entry.was_dead) dead_.insert(offset);
  is_held_exact_ = is_held_exact_ && dead_.empty();
  entries_.clear();
  owed_.clear();
  std::erase_if(fates_, [&](const auto& fate) { return fate.first > to; });
  std::erase_if(held_, [](const auto& held) { return held.second.releasing; });
  for (auto& [lane, held] : held_)
    held = {.dead = held.dead, .last = {}, .released_to = std::max(held.dead, to)};
  examined_ = highest_ = floor_ = to;
  attempts_jump_ = goes_back_ = true;
}

// Time.

void QueueModel::expire() {
  const auto timeout = std::chrono::milliseconds(settings().ack_timeout_ms);
  for (auto entry : leases()) {
    if (entry->second.since + timeout > now_.steady) continue;
    if (entry->second.inherited)
      release(entry);
    else
      fail(entry, FailureKind::timeout, "not acked in time", std::nullopt);
  }
}

// What comes in.

bool QueueModel::set_aside(Candidate event) {
  const auto held = held_.find(event.lane);
  if (held == held_.end() || event.offset <= held->second.dead) return false;
  held->second.events.insert(event.offset);
  held->second.last = std::max(held->second.last, event.offset);
  return true;
}

void QueueModel::admit(const Admission& admission) {
  if (admission.after != examined_ || admission.revision != group_.revision) return;
  examined_ = admission.examined;
  for (const Candidate& event : admission.events) {
    owed_.insert(event.offset);
    if (set_aside(event) || entries_.contains(event.offset)) continue;
    entries_[event.offset].lane = event.lane;
  }
}

// Leases.

QueueModel::Entries::iterator QueueModel::leased(const std::string& member, const LeaseName& name) {
  const auto entry = entries_.find(name.offset);
  if (entry == entries_.end() || entry->second.is != Is::leased || entry->second.member != member ||
      name.attempt.value_or(entry->second.attempts) != entry->second.attempts)
    return entries_.end();
  return entry;
}

std::vector<QueueModel::Entries::iterator> QueueModel::leases(const std::string* member) {
  std::vector<Entries::iterator> found;
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry)
    if (entry->second.is == Is::leased && (!member || entry->second.member == *member))
      found.push_back(entry);
  std::ranges::stable_sort(
      found, {}, [](auto entry) { return std::pair(entry->second.since, entry->second.turn); });
  return found;
}

void QueueModel::finish(Entries::iterator entry, Fate fate) {
  const Offset offset = entry->first;
  const bool was_dead = entry->second.was_dead;
  entries_.erase(entry);
  owed_.erase(offset);
  if (offset <= examined_) fates_[offset] = fate;
  if (fate == Fate::dead)
    dead_.insert(offset);
  else if (was_dead)
    settle(offset);
}

void QueueModel::fail(Entries::iterator at, FailureKind kind, const std::string& reason,
                      std::optional<std::chrono::milliseconds> delay) {
  Entry& entry = at->second;
  entry.failures.push_back({entry.attempts, kind, entry.member, reason, now_.wall});
  if (entry.failures.size() > limits::failures_kept) entry.failures.erase(entry.failures.begin());
  ++failed_[static_cast<std::size_t>(kind) - 1];
  tell_breaker({at->first, entry.attempts}, false);
  const bool is_last = ++entry.failed >= settings().max_deliveries;
  const auto wait = delay.value_or(back_off(entry.failed));
  entry.is = is_last ? Is::exhausted : Is::waiting;
  entry.due = now_.steady + wait;
  entry.due_wall.micros = now_.wall.micros + std::chrono::microseconds(wait).count();
}

void QueueModel::release(Entries::iterator entry) {
  withdraw({entry->first, entry->second.attempts});
  entry->second.is = Is::waiting;
  entry->second.due = now_.steady;
  entry->second.due_wall = now_.wall;
}

std::vector<Offset> QueueModel::step(const AckLeases& ack) {
  std::vector<Offset> refused;
  for (const LeaseName& name : ack.leases) {
    const auto entry = leased(ack.member, name);
    if (entry == entries_.end()) {
      refused.push_back(name.offset);
      continue;
    }
    tell_breaker({entry->first, entry->second.attempts}, true);
    ++acked_;
    finish(entry, Fate::acked);
  }
  return refused;
}

std::vector<Offset> QueueModel::step(const NackLeases& nack) {
  std::vector<Offset> refused;
  for (const LeaseName& name : nack.leases) {
    const auto entry = leased(nack.member, name);
    if (entry == entries_.end()) {
      refused.push_back(name.offset);
    } else if (nack.action == NackAction::skip) {
      tell_breaker({entry->first, entry->second.attempts}, true);
      ++skipped_;
      finish(entry, Fate::skipped);
    } else {
      fail(entry, FailureKind::nack, nack.reason, nack.delay);
      if (nack.action == NackAction::dead_letter) entry->second.is = Is::exhausted;
    }
  }
  return refused;
}

std::vector<Offset> QueueModel::step(const ExtendLeases& extend) {
  std::vector<Offset> refused;
  for (const LeaseName& name : extend.leases) {
    const auto entry = leased(extend.member, name);
    if (entry == entries_.end()) {
      refused.push_back(name.offset);
      continue;
    }
    entry->second.since = now_.steady;
    entry->second.turn = ++turns_;
  }
  return refused;
}

std::vector<Offset> QueueModel::step(const ReleaseLeases& back) {
  std::vector<Offset> refused;
  for (const LeaseName& name : back.leases) {
    const auto entry = leased(back.member, name);
    if (entry == entries_.end())
      refused.push_back(name.offset);
    else
      release(entry);
  }
  return refused;
}

std::vector<Offset> QueueModel::step(const EndMember& end) {
  for (auto entry : leases(&end.member)) {
    if (end.lost && !entry->second.inherited)
      fail(entry, FailureKind::disconnected, "the member's connection was lost", std::nullopt);
    else
      release(entry);
  }
  return {};
}

// Dead letters.

std::vector<Offset> QueueModel::step(const BuryEvent& bury) {
  const auto entry = entries_.find(bury.offset);
  if (entry == entries_.end() || entry->second.is != Is::exhausted) return {bury.offset};
  const LaneKey lane = entry->second.lane;
  finish(entry, Fate::dead);
  buried_.insert(bury.offset);
  if (settings().block_aggregate && settings().order == GroupOrder::aggregate)
    set_lane_aside(bury.offset, lane);
  return {};
}

// Events that are dead letters, or about to be, are no part of what waits behind another.
void QueueModel::set_lane_aside(Offset dead, LaneKey lane) {
  const Held fresh{.dead = dead, .releasing = true, .released_to = std::max(dead, examined_)};
  Held& held = held_.try_emplace(lane, fresh).first->second;
  if (!held.releasing) return;
  held.dead = dead;
  held.releasing = false;
  for (auto entry = entries_.upper_bound(dead); entry != entries_.end();) {
    const bool stays = entry->second.lane != lane || entry->second.is == Is::exhausted;
    attempts_jump_ = attempts_jump_ || (!stays && entry->second.attempts > 0);
    if (!stays && entry->second.was_dead) {
      dead_.insert(entry->first);
      fates_[entry->first] = Fate::dead;
      owed_.erase(entry->first);
    } else if (!stays) {
      held.events.insert(entry->first);
      held.last = std::max(held.last, entry->first);
      held.released_to = std::min(held.released_to, entry->first - 1);
    }
    entry = stays ? std::next(entry) : entries_.erase(entry);
  }
}

void QueueModel::settle(Offset dead) {
  for (auto held = held_.begin(); held != held_.end(); ++held) {
    if (held->second.dead != dead || held->second.releasing) continue;
    held->second.releasing = true;
    if (held->second.last <= held->second.released_to) held_.erase(held);
    return;
  }
}

std::vector<Offset> QueueModel::step(const RetryDeadLetters& retry) {
  std::vector<Offset> refused;
  for (const RetryDeadLetters::One& one : retry.events) {
    const Offset offset = one.event.offset;
    const auto held = held_.find(one.event.lane);
    const bool waits = held != held_.end() && offset > held->second.dead;
    if (waits || entries_.contains(offset) || offset > examined_ || !dead_.contains(offset) ||
        buried_.contains(offset) || entries_.size() >= settings().max_unfinished) {
      refused.push_back(offset);
      continue;
    }
    dead_.erase(offset);
    fates_.erase(offset);
    owed_.insert(offset);
    Entry& entry = entries_[offset];
    entry.lane = one.event.lane;
    entry.again = entry.was_dead = true;
    entry.attempts = one.attempts;
  }
  return refused;
}

std::vector<Offset> QueueModel::step(const DiscardDeadLetters& discard) {
  std::vector<Offset> refused;
  for (const Offset offset : discard.offsets) {
    if (dead_.erase(offset) == 0) {
      refused.push_back(offset);
      continue;
    }
    ++skipped_;
    buried_.erase(offset);
    if (fates_.contains(offset)) fates_[offset] = is_held_exact_ ? Fate::skipped : Fate::passed;
    settle(offset);
  }
  return refused;
}

std::vector<Offset> QueueModel::step(const ReleaseHeld& release) {
  const auto at = held_.find(release.lane);
  if (at == held_.end() || !at->second.releasing || at->second.released_to != release.after)
    return {};
  Held& held = at->second;
  for (const Offset offset : release.events) {
    // Another filter had passed it.
    const auto fate = fates_.find(offset);
    if (is_held_exact_ || entries_.contains(offset)) continue;
    if (fate != fates_.end() && fate->second != Fate::passed) continue;
    fates_.erase(offset);
    owed_.insert(offset);
    held.events.insert(offset);
  }
  while (!held.events.empty() && *held.events.begin() <= release.examined) {
    const Offset offset = *held.events.begin();
    held.events.erase(held.events.begin());
    if (std::ranges::find(release.events, offset) == release.events.end()) {
      owed_.erase(offset);  // The filter does not want it any more, or it is a dead letter.
      fates_.try_emplace(offset, Fate::passed);
    } else if (!entries_.contains(offset)) {
      Entry& entry = entries_[offset];
      entry.lane = release.lane;
      entry.again = true;
    }
  }
  held.released_to = release.examined;
  if (held.last <= release.examined) held_.erase(at);
  return {};
}

// The breaker.

BreakerState QueueModel::Breaker::state() const {
  if (closed) return BreakerState::closed;
  return good > 0 || probe.second > 0 ? BreakerState::probing : BreakerState::open;
}

void QueueModel::tell_breaker(Lease lease, bool good) {
  Breaker& is = breaker_;
  if (is.closed) {
    is.window.emplace_back(now_.steady, good);
    while (is.window.size() > settings().breaker_window ||
           (!is.window.empty() && is.window.front().first < now_.steady - std::chrono::minutes(1)))
      is.window.pop_front();
    const auto bad = std::ranges::count(is.window, false, &std::pair<Moment, bool>::second);
    if (is.window.size() < std::min(10u, settings().breaker_window) ||
        static_cast<double>(bad) < settings().breaker_ratio * static_cast<double>(is.window.size()))
      return;
    is = {.closed = false, .window = {}, .step = 1, .probe_at = now_.steady + back_off(1)};
    return;
  }
  if (is.probe != lease) return;
  is.probe = {};
  is.good = good ? is.good + 1 : 0;
  is.probe_at = now_.steady + (good ? std::chrono::milliseconds(0) : back_off(++is.step));
  if (is.good == 3) is = {};
}

void QueueModel::withdraw(Lease lease) {
  if (breaker_.probe != lease) return;
  breaker_.probe = {};
  breaker_.probe_at = now_.steady;
}

bool QueueModel::breaker_allows() const {
  return breaker_.closed || (breaker_.probe.second == 0 && now_.steady >= breaker_.probe_at);
}

}  // namespace daybook::test
