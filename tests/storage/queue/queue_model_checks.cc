// What must be true of all that comes out of a queue.
#include <algorithm>

#include "storage/base/limits.h"
#include "tests/storage/queue/queue_model.h"

namespace daybook::test {

void QueueModel::wrong(const std::string& what) {
  if (problem_.empty()) problem_ = what;
}

std::string QueueModel::text(const std::vector<Offset>& offsets) {
  std::string out = "[";
  for (const Offset offset : offsets) out += " " + std::to_string(offset.value);
  return out + " ]";
}

std::size_t QueueModel::in_flight() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      entries_, [](const auto& entry) { return entry.second.is == Is::leased; }));
}

std::size_t QueueModel::held() const {
  std::size_t total = 0;
  for (const auto& [lane, held] : held_) total += held.events.size();
  return total;
}

Offset QueueModel::committed_offset() const {
  for (const auto& [offset, entry] : entries_)
    if (!entry.again) return offset - 1;
  return examined_;
}

bool QueueModel::may_deliver() const {
  return !group_.paused && breaker_allows() && in_flight() < settings().max_in_flight;
}

std::set<Offset> QueueModel::deliverable() const {
  const GroupOrder order = settings().order;
  std::set<LaneKey> busy;
  const auto key = [&](const Entry& entry) { return order == GroupOrder::single ? 0 : entry.lane; };
  for (const auto& [offset, entry] : entries_)
    if (entry.is == Is::leased && order != GroupOrder::none) busy.insert(key(entry));
  std::set<Offset> found;
  for (const auto& [offset, entry] : entries_) {
    if (order != GroupOrder::none && !busy.insert(key(entry)).second) continue;
    if (entry.is == Is::waiting && entry.due <= now_.steady) found.insert(offset);
  }
  return found;
}

void QueueModel::follow(const QueueTurn& turn, QueueTime now, const std::vector<Demand>& before,
                        const std::vector<Demand>& after, const TurnResult& result) {
  if (now.steady > now_.steady) now_ = now;
  failed_ = {};
  const BreakerState breaker = breaker_.state();
  expire();
  if (turn.admission) admit(*turn.admission);
  equal(turn.steps.size(), result.steps.size(), "results of steps");
  for (std::size_t i = 0; i < result.steps.size(); ++i)
    equal(std::visit([this](const auto& one) { return step(one); }, turn.steps[i]),
          result.steps[i].refused, "refused");

  std::vector<Demand> left = before;
  for (const Delivery& one : result.deliveries) {
    if (one.demand >= left.size() || left[one.demand].count == 0)
      return wrong("a delivery that nobody had credits for");
    --left[one.demand].count;
    deliver(one, left[one.demand].member);
  }
  bool wanted = false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    equal(left[i].count, after[i].count, "credits left");
    wanted = wanted || left[i].count > 0;
  }
  check(result.outlook, wanted, !result.deliveries.empty());
  for (std::size_t kind = 0; kind < failed_.size(); ++kind)
    equal(failed_[kind], result.failed[kind], "failures counted");
  equal(breaker != breaker_.state(), result.outlook.breaker_changed.has_value(), "breaker changed");
  if (result.outlook.breaker_changed && *result.outlook.breaker_changed != breaker_.state())
    wrong("the breaker is " + std::string(name(*result.outlook.breaker_changed)));
}

void QueueModel::follow(const AckLeases& ack, bool agreed, QueueTime now) {
  const bool is_good = std::ranges::all_of(ack.leases, [&](const LeaseName& name) {
    return leased(ack.member, name) != entries_.end();
  });
  equal(is_good, agreed, "ack with an append agreed to");
  if (!is_good) return;
  if (now.steady > now_.steady) now_ = now;
  step(ack);
}

void QueueModel::deliver(const Delivery& delivery, const std::string& member) {
  const std::string which = text(delivery.offset) + "@" + std::to_string(delivery.attempt);
  if (group_.paused) wrong("delivered while paused: " + which);
  if (!breaker_allows()) wrong("delivered while the breaker is open: " + which);
  if (in_flight() >= settings().max_in_flight) wrong("over max_in_flight: " + which);
  const auto fate = fates_.find(delivery.offset);
  if (fate != fates_.end()) wrong("delivered though it was finished: " + which);
  if (!deliverable().contains(delivery.offset)) return wrong("not deliverable now: " + which);

  Entry& entry = entries_.at(delivery.offset);
  Attempt& last = attempts_[delivery.offset];
  if (delivery.attempt <= last) wrong("attempts do not grow: " + which);
  if (!attempts_jump_ && delivery.attempt != last + 1) wrong("attempts jump: " + which);
  last = entry.attempts = delivery.attempt;
  entry.is = Is::leased;
  entry.inherited = false;
  entry.member = member;
  entry.since = now_.steady;
  entry.turn = ++turns_;
  if (delivery.offset <= examined_) highest_ = std::max(highest_, delivery.offset);
  if (!breaker_.closed) breaker_.probe = {delivery.offset, delivery.attempt};
}

void QueueModel::check(const Outlook& outlook, bool wanted, bool delivered) {
  const auto could_be = deliverable();
  equal(examined_, outlook.examined, "examined");
  const std::size_t max = settings().max_unfinished;
  equal(group_.paused || entries_.size() >= max ? 0 : max - entries_.size(), outlook.room, "room");
  equal(could_be.empty(), outlook.ready == 0, "nothing is ready");
  if (wanted && may_deliver() && !could_be.empty())
    wrong("stalled: " + text(*could_be.begin()) + " could be delivered");
  if (outlook.behind) wrong("behind, though nothing more can be delivered");
  check_idle(outlook.idle, wanted, delivered, !could_be.empty());
  check_due(outlook, !could_be.empty());
  check_burials(outlook);
  check_releases(outlook);
}

// Whatever is said must be true, and say why what is ready is not delivered.
void QueueModel::check_idle(Idle idle, bool wanted, bool delivered, bool is_ready) {
  const bool all_leased = entries_.size() == in_flight();
  const auto holds = [&] {
    switch (idle) {
      case Idle::delivering: return delivered;
      case Idle::caught_up: return all_leased && (held() == 0 || !is_held_exact_);
      case Idle::no_credits: return is_ready && !wanted;
      case Idle::paused: return group_.paused;
      case Idle::breaker: return !breaker_allows();
      case Idle::in_flight_limit: return in_flight() >= settings().max_in_flight;
      case Idle::aggregates_busy: return !all_leased && !is_ready;
      case Idle::back_off:
        return !is_ready && std::ranges::any_of(entries_, [&](const auto& entry) {
          return entry.second.is == Is::waiting && entry.second.due > now_.steady;
        });
      case Idle::unfinished_limit: return entries_.size() >= settings().max_unfinished;
      case Idle::set_aside: return !is_ready && (held() > 0 || !is_held_exact_);
      case Idle::index_behind:
      case Idle::bug: return false;
    }
    return false;
  };
  if (!holds()) wrong("idle is not for " + std::string(name(idle)));
  if (is_ready && (idle == Idle::caught_up || idle == Idle::unfinished_limit))
    wrong("something is ready, but idle for " + std::string(name(idle)));
}

void QueueModel::check_due(const Outlook& outlook, bool is_ready) {
  if (outlook.next_due && *outlook.next_due <= now_.steady) wrong("a turn is due at once, again");
  const Moment next = outlook.next_due.value_or(Moment::max());
  for (const auto& [offset, entry] : entries_) {
    if (entry.is == Is::leased &&
        entry.since + std::chrono::milliseconds(settings().ack_timeout_ms) < next)
      wrong("no turn is due when the lease ends on " + text(offset));
    if (entry.is == Is::waiting && entry.due > now_.steady && entry.due < next)
      wrong("no turn is due when the back-off ends of " + text(offset));
  }
  if (is_ready && !breaker_.closed && breaker_.probe.second == 0 &&
      breaker_.probe_at > now_.steady && breaker_.probe_at < next)
    wrong("no turn is due for the next probe");
}

void QueueModel::check_burials(const Outlook& outlook) {
  std::size_t exhausted = 0;
  for (const auto& [offset, entry] : entries_)
    if (entry.is == Is::exhausted) ++exhausted;
  equal(exhausted == 0, outlook.to_bury.empty(), "nothing to bury");
  for (const Burial& burial : outlook.to_bury) {
    const auto entry = entries_.find(burial.offset);
    if (entry == entries_.end() || entry->second.is != Is::exhausted)
      return wrong("not to be buried: " + text(burial.offset));
    equal(entry->second.attempts, burial.facts.attempts, "attempts of a dead letter");
    if (entry->second.failures != burial.facts.failures)
      wrong("another history of " + text(burial.offset));
  }
}

void QueueModel::check_releases(const Outlook& outlook) {
  for (const HeldRange& range : outlook.to_release) {
    const auto held = held_.find(range.lane);
    if (held == held_.end() || !held->second.releasing)
      return wrong("released, but its dead letter is not settled");
    equal(held->second.released_to, range.after, "released from");
    const auto& events = held->second.events;
    if (!events.empty() && *events.begin() <= range.after)
      wrong("never released: " + text(*events.begin()));
    if (range.upto > examined_) wrong("to be released beyond what was read");
  }
  for (const auto& [lane, held] : held_)
    if (held.releasing && outlook.room > 0 && outlook.to_release.empty() &&
        held.released_to < std::min(held.last, examined_))
      wrong("not released: " + text(held.last));
}

void QueueModel::committed(const QueueView& view, const std::map<Offset, std::string>& letters) {
  equal(committed_offset(), view.committed, "committed");
  if (view.committed < committed_ && !goes_back_) wrong("the committed offset went back");
  committed_ = view.committed;
  goes_back_ = false;
  buried_.clear();
  equal(examined_, view.examined, "examined, as shown");
  equal(in_flight(), view.in_flight, "in flight");
  equal(entries_.size(), view.unfinished, "unfinished");
  if (is_held_exact_) equal(held(), view.set_aside, "set aside");
  equal(acked_, view.acked, "acked");
  equal(skipped_, view.skipped, "skipped");
  equal(name(breaker_.state()), name(view.breaker), "breaker");

  std::vector<Offset> expected(dead_.begin(), dead_.end());
  for (const auto& [offset, entry] : entries_)
    if (entry.was_dead) expected.push_back(offset);
  std::ranges::sort(expected);
  std::vector<Offset> actual;
  for (const auto& [offset, row] : letters) actual.push_back(offset);
  equal(expected, actual, "dead letters on disk");
  equal(expected.size(), view.dead_letters, "dead letters");
}

// What was read and never delivered may be read again; all else must be as it was.
void QueueModel::restarted(const QueueView& view, QueueTime now) {
  now_ = now;
  breaker_ = {};
  goes_back_ = false;
  if (view.examined > examined_) wrong("examined more after a restart");
  if (view.examined < highest_) wrong("delivered events would be read again");
  examined_ = view.examined;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    Entry& is = entry->second;
    if (is.is == Is::leased) {
      is.inherited = true;
      is.since = now.steady;
      is.turn = 0;
    } else if (is.is == Is::waiting) {
      is.due = now.steady + std::chrono::microseconds(
                                std::max<std::int64_t>(0, is.due_wall.micros - now.wall.micros));
    }
    const bool is_forgotten = !is.again && entry->first > examined_;
    if (is_forgotten) owed_.erase(entry->first);
    entry = is_forgotten ? entries_.erase(entry) : std::next(entry);
  }
  equal(committed_, view.committed, "committed after a restart");
  equal(in_flight(), view.in_flight, "in flight after a restart");
  equal(entries_.size(), view.unfinished, "unfinished after a restart");
  if (is_held_exact_) equal(held(), view.set_aside, "set aside after a restart");
  equal(acked_, view.acked, "acked after a restart");
  equal(skipped_, view.skipped, "skipped after a restart");
}

}  // namespace daybook::test
