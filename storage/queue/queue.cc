#include "storage/queue/queue.h"

#include "storage/queue/queue_state.h"

namespace daybook {

Queue::State::State(const GroupRow& row, QueueTime at)
    : group(row), now(at), entries(row.settings.queue.order), written_at(at.steady) {
  breaker.configure(row.settings.queue);
}

std::size_t Queue::State::room() const {
  const std::size_t max = settings().max_unfinished;
  return is_stopped() || entries.size() >= max ? 0 : max - entries.size();
}

Queue::Queue(const GroupRow& group, Offset start)
    : state_(std::make_unique<State>(group, QueueTime{})) {
  state_->examined = state_->delivered_to = start;
  state_->see();
}

Queue::~Queue() = default;

Result<std::unique_ptr<Queue>> Queue::recover(const GroupRow& group,
                                              const std::vector<QueueRow>& rows, QueueTime now) {
  auto queue = std::make_unique<Queue>(group, Offset{});
  queue->state_ = std::make_unique<State>(group, now);
  auto read = queue->state_->journal.recover(rows);
  if (!read) return read.error();
  queue->state_->take_over(*read);
  queue->state_->dirty = false;
  queue->state_->see();
  return queue;
}

void Queue::configure(const GroupRow& group) {
  const bool new_filter = group.settings.filter != state_->group.settings.filter;
  state_->group = group;
  state_->breaker.configure(group.settings.queue);
  if (!group.settings.queue.block_aggregate) state_->set_aside.settle_all();
  if (!new_filter) return;
  const Offset from = state_->committed();
  state_->set_aside.read_again(from);
  state_->begin_at(from, from);
}

void Queue::reset(Offset to) {
  state_->set_aside.reset(to);
  state_->begin_at(to, Offset{});
}

TurnResult Queue::turn(const QueueTurn& turn, QueueTime now, std::vector<Demand>& demand) {
  State& state = *state_;
  state.advance(now);
  state.failed = {};
  const BreakerState breaker = state.breaker.state();
  TurnResult result;
  state.expire();
  if (turn.admission) state.admit(*turn.admission);
  for (const QueueStep& step : turn.steps) result.steps.push_back(state.apply(step));
  state.deliver(demand, result);
  result.outlook = state.look(demand, result);
  result.failed = state.failed;
  if (state.breaker.state() != breaker) result.outlook.breaker_changed = state.breaker.state();
  return result;
}

Result<void> Queue::check(const AckLeases& ack) const {
  for (const LeaseName& lease : ack.leases)
    if (state_->leased(ack.member, lease) == nullptr)
      return Error{Errc::lease_expired,
                   "\"" + ack.member + "\" has no lease on offset " +
                       std::to_string(lease.offset.value) +
                       (lease.attempt ? " with attempt " + std::to_string(*lease.attempt) : "") +
                       ": it has expired or was finished; nothing was written"};
  return {};
}

void Queue::ack(const AckLeases& ack, QueueTime now) {
  state_->advance(now);
  state_->apply(ack);
}

bool Queue::changed() const {
  return state_->dirty || !state_->touched.empty() || state_->set_aside.changed();
}

QueueWrites Queue::take_writes() {
  State& state = *state_;
  QueueWrites writes;
  if (!changed()) return writes;
  const Offset before = std::exchange(state.delivered_to, state.could_be_delivered_to());
  writes.row =
      state.journal.add(state.journal.wants_snapshot() ? state.snapshot() : state.changes(before));
  writes.dead_letters = std::exchange(state.buried, {});
  writes.settled.assign(state.settled.begin(), state.settled.end());
  state.settled.clear();
  state.touched.clear();
  state.dirty = false;
  state.written_at = state.now.steady;
  state.see();
  return writes;
}

const QueueView& Queue::view() const {
  return state_->view;
}

}  // namespace daybook
