#include "tests/storage/queue/queue_rig.h"

#include <algorithm>
#include <random>

#include "storage/base/limits.h"

namespace daybook::test {

using namespace std::chrono_literals;

GroupRow queue_group(GroupOrder order) {
  GroupRow group;
  group.settings.mode = GroupMode::queue;
  group.settings.queue.order = order;
  group.settings.queue.ack_timeout_ms = 10'000;
  group.settings.queue.max_deliveries = 3;
  group.settings.queue.backoff_ms = {1000, 5000};
  group.settings.queue.breaker_ratio = 2;
  return group;
}

QueueRig::QueueRig(const GroupRow& group, Offset start)
    : group_(group),
      now_{Moment(1000h), Timestamp{1'700'000'000'000'000}},
      queue_(std::make_unique<Queue>(group, start)),
      stored_group_(group) {
  commit();
}

Offset QueueRig::append(const std::string& aggregate, const std::string& event_type) {
  log_.push_back({aggregate, event_type});
  return head();
}

LaneKey QueueRig::lane(Offset offset) const {
  if (group_.settings.queue.order != GroupOrder::aggregate) return 0;
  return lane_of_aggregate("thing", event(offset).aggregate);
}

bool QueueRig::matches(Offset offset) const {
  const auto& wanted = group_.settings.filter.event_types;
  return wanted.empty() ||
         std::find(wanted.begin(), wanted.end(), event(offset).event_type) != wanted.end();
}

void QueueRig::pass(std::chrono::milliseconds time) {
  now_.steady += time;
  now_.wall.micros += std::chrono::microseconds(time).count();
}

Admission QueueRig::read(std::size_t read_max, std::size_t room) const {
  Admission admission{.revision = group_.revision,
                      .after = outlook_.examined,
                      .examined = outlook_.examined,
                      .events = {}};
  while (read_max-- > 0 && admission.examined < head() && admission.events.size() < room) {
    admission.examined = admission.examined + 1;
    if (matches(admission.examined))
      admission.events.push_back({admission.examined, lane(admission.examined)});
  }
  return admission;
}

BuryEvent QueueRig::bury(const Burial& burial) const {
  DeadLetterFacts facts = burial.facts;
  const auto before = dead_rows_.find(burial.offset);
  if (before != dead_rows_.end()) {
    const DeadLetterFacts& old = facts_[std::stoul(before->second)];
    facts.failures.insert(facts.failures.begin(), old.failures.begin(), old.failures.end());
    facts.retried = old.retried + 1;
  }
  if (facts.failures.size() > limits::failures_kept)
    facts.failures.erase(facts.failures.begin(),
                         facts.failures.end() - static_cast<long>(limits::failures_kept));
  facts_.push_back(facts);
  return {.offset = burial.offset,
          .row = std::to_string(facts_.size() - 1),
          .replaces = before != dead_rows_.end(),
          .aggregate_type = "thing",
          .aggregate_id = event(burial.offset).aggregate};
}

ReleaseHeld QueueRig::release(const HeldRange& range, std::size_t read_max) const {
  ReleaseHeld release{.lane = range.lane, .after = range.after, .examined = range.after};
  while (read_max > 0 && release.examined < range.upto) {
    release.examined = release.examined + 1;
    if (event(release.examined).aggregate != range.aggregate_id || !matches(release.examined) ||
        dead_rows_.contains(release.examined))
      continue;
    release.events.push_back(release.examined);
    --read_max;
  }
  return release;
}

QueueTurn QueueRig::gather(std::size_t read_max) const {
  QueueTurn turn{.group = "group", .admission = std::nullopt, .steps = {}};
  if (outlook_.room > 0 && outlook_.examined < head())
    turn.admission = read(read_max, outlook_.room);
  for (const Burial& burial : outlook_.to_bury) turn.steps.push_back(bury(burial));
  for (const HeldRange& range : outlook_.to_release)
    turn.steps.push_back(release(range, std::max<std::size_t>(read_max, 1)));
  return turn;
}

TurnResult QueueRig::turn(const QueueTurn& turn, std::vector<Demand>& demand) {
  TurnResult result = queue_->turn(turn, now_, demand);
  outlook_ = result.outlook;
  return result;
}

bool QueueRig::commit() {
  stored_group_ = group_;
  if (!queue_->changed()) return false;
  QueueWrites writes = queue_->take_writes();
  if (writes.row) rows_[writes.row->slot] = std::move(writes.row->bytes);
  for (auto& [offset, row] : writes.dead_letters) dead_rows_[offset] = std::move(row);
  for (const Offset offset : writes.settled) dead_rows_.erase(offset);
  return true;
}

void QueueRig::configure(const GroupRow& group) {
  const std::uint64_t revision = group_.revision + 1;
  group_ = group;
  group_.revision = revision;
  queue_->configure(group_);
  outlook_ = {};
}

void QueueRig::reset(Offset to) {
  queue_->reset(to);
  outlook_ = {};
}

bool QueueRig::restart(std::uint64_t shuffle_seed) {
  group_ = stored_group_;
  std::vector<QueueRow> rows = stored_rows();
  std::shuffle(rows.begin(), rows.end(), std::mt19937_64(shuffle_seed));
  now_.steady = Moment(std::chrono::hours(1 + shuffle_seed % 1000));
  auto recovered = Queue::recover(group_, rows, now_);
  if (!recovered) return false;
  queue_ = std::move(*recovered);
  outlook_ = {};
  return true;
}

std::vector<QueueRow> QueueRig::stored_rows() const {
  std::vector<QueueRow> rows;
  for (const auto& [slot, bytes] : rows_) rows.push_back({slot, bytes});
  return rows;
}

std::map<Offset, DeadLetterFacts> QueueRig::dead_letters() const {
  std::map<Offset, DeadLetterFacts> found;
  for (const auto& [offset, row] : dead_rows_) found[offset] = facts_[std::stoul(row)];
  return found;
}

}  // namespace daybook::test
