#include "tests/storage/queue/queue_world.h"

#include <algorithm>
#include <functional>

namespace daybook::test {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kPastKept = 4;
constexpr std::uint64_t kDrainTurnsMax = 1000;  // and some for each event

}  // namespace

GroupRow QueueWorld::random_group(std::mt19937_64& random, GroupOrder order) {
  const auto one_of = [&random](auto... values) {
    const std::common_type_t<decltype(values)...> all[] = {values...};
    return all[random() % sizeof...(values)];
  };
  GroupRow group = queue_group(order);
  QueueSettings& queue = group.settings.queue;
  queue.ack_timeout_ms = one_of(1000u, 5000u, 30'000u);
  queue.max_deliveries = one_of(1u, 2u, 3u, 5u);
  queue.backoff_ms =
      one_of(0, 1) ? std::vector<std::uint32_t>{100, 1000, 5000} : std::vector<std::uint32_t>{500};
  queue.max_in_flight = one_of(1u, 3u, 1000u, 1000u);
  queue.max_unfinished = one_of(2u, 5u, 20u, 1000u);
  queue.block_aggregate = one_of(false, true);
  queue.breaker_window = one_of(4u, 20u);
  queue.breaker_ratio = one_of(0.5, 0.8, 2.0, 2.0);
  if (random() % 3 == 0) group.settings.filter.event_types = {"wanted"};
  return group;
}

QueueWorld::QueueWorld(std::uint64_t seed, GroupOrder order, int steps, std::ostream* trace)
    : random_(seed),
      rig_(random_group(random_, order)),
      model_(rig_.group(), {}),
      steps_(steps),
      trace_(trace),
      aggregates_(1 + below(6)),
      is_zipf_(chance(50)),
      unwanted_percent_(static_cast<unsigned>(below(3) * 30)),
      bad_percent_(static_cast<unsigned>(10 + below(60))) {
  for (std::uint64_t i = 0; i <= below(4); ++i)
    workers_.push_back({.name = "w" + std::to_string(i), .held = {}, .past = {}});
}

void QueueWorld::tell(const std::string& what) {
  if (trace_) *trace_ << what << '\n';
}

std::chrono::milliseconds QueueWorld::some_time(std::uint64_t max_ms) {
  return std::chrono::milliseconds(below(max_ms + 1));
}

void QueueWorld::append_some() {
  if (trace_)
    for (const HeldRange& range : rig_.outlook().to_release)
      tell("to release of " + range.aggregate_id + ": " + std::to_string(range.after.value) +
           " to " + std::to_string(range.upto.value));
  for (std::uint64_t left = 1 + below(6); left > 0; --left) {
    std::uint64_t which = below(aggregates_);
    if (is_zipf_) which = below(which + 1);
    const bool is_wanted = !chance(unwanted_percent_);
    const Offset offset =
        rig_.append(std::string(1, static_cast<char>('a' + which)), is_wanted ? "wanted" : "other");
    if (trace_) tell("append " + std::to_string(offset.value) + " " + rig_.event(offset).aggregate);
  }
}

void QueueWorld::pass_time() {
  const auto due = rig_.outlook().next_due;
  const auto until = due ? std::chrono::ceil<std::chrono::milliseconds>(*due - rig_.now().steady)
                         : std::chrono::milliseconds(0);
  rig_.pass(chance(50) && until > 0ms ? until : chance(90) ? some_time(800) : some_time(40'000));
}

void QueueWorld::run() {
  for (int i = 0; i < steps_ && problem_.empty(); ++i) {
    if (chance(25)) append_some();
    if (chance(50)) pass_time();
    commit();
    if (chance(2)) restart();
  }
  drain();
}

// What was told to nobody is lost with the daemon, on both sides of the socket.
void QueueWorld::commit() {
  const bool is_lost = chance(3);
  std::vector<QueueModel> before;
  const auto workers = workers_;
  if (is_lost) before.push_back(model_);
  for (std::uint64_t left = 1 + below(3) / 2; left > 0; --left) commit_one();
  if (is_lost) {
    tell("lost: ");
    model_ = before.front();
    workers_ = workers;
    deliveries_.clear();
    return restart();
  }
  if (rig_.commit()) model_.committed(rig_.queue().view(), rig_.dead_rows());
  for (auto& [worker, lease] : deliveries_) workers_[worker].held.push_back(lease);
  deliveries_.clear();
  if (problem_.empty()) problem_ = model_.problem();
}

void QueueWorld::commit_one() {
  const std::uint64_t what = below(100);
  if (what < 3) return configure();
  if (what < 4) return reset();
  const auto late = chance(5) ? some_time(20) : 0ms;  // stamped so long ago
  rig_.pass(-late);
  if (what < 9)
    ack_with_append();
  else
    turn();
  rig_.pass(late);
}

void QueueWorld::turn() {
  QueueTurn turn = chance(90) ? rig_.gather(1 + below(8)) : QueueTurn{};
  for (Worker& worker : workers_)
    while (chance(40)) work(worker, turn.steps);
  if (chance(15)) settle_letters(turn.steps);
  std::ranges::shuffle(turn.steps, random_);
  std::vector<Demand> demand;
  for (const Worker& worker : workers_)
    if (chance(60)) demand.push_back({worker.name, static_cast<std::uint32_t>(below(4))});
  take(std::move(turn), std::move(demand));
}

void QueueWorld::take(QueueTurn turn, std::vector<Demand> demand) {
  const std::vector<Demand> before = demand;
  const TurnResult result = rig_.turn(turn, demand);
  mix(result);
  delivered_ += result.deliveries.size();
  model_.follow(turn, rig_.now(), before, demand, result);
  for (const Delivery& one : result.deliveries) {
    const auto worker = std::ranges::find(workers_, before[one.demand].member, &Worker::name);
    deliveries_.emplace_back(worker - workers_.begin(), LeaseName{one.offset, one.attempt});
    if (trace_)
      tell("  " + worker->name + " gets " + std::to_string(one.offset.value) + "@" +
           std::to_string(one.attempt));
  }
  if (!trace_) return;
  for (const QueueStep& step : turn.steps) {
    if (const auto* release = std::get_if<ReleaseHeld>(&step))
      for (const Offset offset : release->events)
        tell("  released " + std::to_string(offset.value));
    if (const auto* bury = std::get_if<BuryEvent>(&step))
      tell("  buried " + std::to_string(bury->offset.value));
  }
  tell("turn at " + std::to_string(rig_.now().wall.micros / 1000 % 10'000'000) + ": " +
       std::to_string(turn.admission ? turn.admission->events.size() : 0) + " read to " +
       std::to_string(result.outlook.examined.value) + ", " + std::to_string(turn.steps.size()) +
       " steps, idle " + std::string(name(result.outlook.idle)));
  if (!model_.problem().empty()) tell("WRONG: " + model_.problem());
}

void QueueWorld::mix(const TurnResult& result) {
  for (const StepResult& step : result.steps)
    for (const Offset offset : step.refused) mix(offset.value);
  for (const Delivery& one : result.deliveries) {
    mix(one.demand);
    mix(one.offset.value);
    mix(one.attempt);
  }
  mix(result.outlook.examined.value);
  mix(result.outlook.room);
  mix(static_cast<std::uint64_t>(result.outlook.idle));
}

void QueueWorld::restart() {
  tell("restart");
  if (!rig_.restart(random_())) {
    problem_ = "the queue does not start again";
    return;
  }
  model_.restarted(rig_.queue().view(), rig_.now());
  if (problem_.empty()) problem_ = model_.problem();
}

// Members.

std::vector<LeaseName> QueueWorld::pick_leases(Worker& worker) {
  std::vector<LeaseName> picked;
  for (std::uint64_t left = 1 + below(3); left > 0 && !worker.held.empty(); --left) {
    const auto at = worker.held.begin() + static_cast<std::ptrdiff_t>(below(worker.held.size()));
    picked.push_back(*at);
    worker.past.push_back(*at);
    worker.held.erase(at);
    if (worker.past.size() > kPastKept) worker.past.erase(worker.past.begin());
  }
  return picked;
}

QueueStep QueueWorld::answer(Worker& worker, std::vector<LeaseName> leases) {
  if (!chance(bad_percent_)) return AckLeases{worker.name, std::move(leases)};
  if (chance(20)) {
    for (const LeaseName& name : leases) worker.held.push_back(name);
    return ExtendLeases{worker.name, std::move(leases)};
  }
  NackLeases nack{.member = worker.name, .leases = std::move(leases)};
  nack.action = chance(70)   ? NackAction::retry
                : chance(50) ? NackAction::dead_letter
                             : NackAction::skip;
  if (chance(30)) nack.delay = chance(30) ? 0ms : some_time(10'000);
  nack.reason = "reason " + std::to_string(below(1000));
  return nack;
}

void QueueWorld::work(Worker& worker, std::vector<QueueStep>& steps) {
  const std::uint64_t what = below(100);
  if (what < 3) {
    steps.push_back(EndMember{worker.name, chance(50)});
    return;
  }
  std::vector<LeaseName> leases;
  if (what < 10 && !worker.past.empty()) {
    leases = worker.past;  // It was answered before, or has expired.
  } else if (what < 15 && !worker.held.empty()) {
    leases = {worker.held.front()};  // It is another's, or another attempt.
    *leases.front().attempt += chance(50) ? 1 : -1u;
    if (chance(50)) leases.front() = {Offset{1 + below(rig_.head().value + 2)}, std::nullopt};
  } else {
    leases = pick_leases(worker);
    for (LeaseName& name : leases)
      if (chance(20)) name.attempt.reset();
  }
  if (leases.empty()) return;
  if (chance(5)) leases.push_back(leases.front());
  if (trace_)
    for (const LeaseName& name : leases)
      tell("  " + worker.name + " answers " + std::to_string(name.offset.value) + "@" +
           std::to_string(name.attempt.value_or(0)));
  steps.push_back(answer(worker, std::move(leases)));
}

void QueueWorld::ack_with_append() {
  Worker& worker = workers_[below(workers_.size())];
  const AckLeases ack{worker.name, pick_leases(worker)};
  if (ack.leases.empty()) return;
  const bool agreed = rig_.queue().check(ack).has_value();
  mix(agreed);
  if (agreed) rig_.queue().ack(ack, rig_.now());
  if (trace_) tell(worker.name + " appends, " + (agreed ? "acked" : "refused"));
  model_.follow(ack, agreed, rig_.now());
}

// The operator.

void QueueWorld::settle_letters(std::vector<QueueStep>& steps) {
  const auto letters = rig_.dead_letters();
  if (letters.empty()) return;
  RetryDeadLetters retry;
  DiscardDeadLetters discard;
  for (const auto& [offset, facts] : letters) {
    if (chance(40)) retry.events.push_back({{offset, rig_.lane(offset)}, facts.attempts});
    if (chance(20)) discard.offsets.push_back(offset);
  }
  if (trace_)
    tell("  operator retries " + std::to_string(retry.events.size()) + ", discards " +
         std::to_string(discard.offsets.size()));
  steps.push_back(retry);
  steps.push_back(discard);
  if (chance(10)) steps.push_back(discard);
  if (chance(10)) steps.push_back(retry);
}

void QueueWorld::configure() {
  GroupRow group = rig_.group();
  const GroupRow other = random_group(random_, group.settings.queue.order);
  const bool was_paused = std::exchange(group.paused, false);
  switch (below(7)) {
    case 0: group.paused = !was_paused; break;
    case 1: group.settings.queue.ack_timeout_ms = other.settings.queue.ack_timeout_ms; break;
    case 2: group.settings.queue.max_deliveries = other.settings.queue.max_deliveries; break;
    case 3: group.settings.queue.max_in_flight = other.settings.queue.max_in_flight; break;
    case 4: group.settings.queue.block_aggregate = other.settings.queue.block_aggregate; break;
    case 5: group.settings.queue = other.settings.queue; break;
    case 6: group.settings.filter = other.settings.filter; break;
  }
  tell("settings" + std::string(group.paused ? ", paused" : "") +
       (group.settings.queue.block_aggregate ? ", block" : "") +
       (group.settings.filter.asks_nothing() ? "" : ", filter"));
  const QueueTurn stale = rig_.gather(1 + below(8));
  rig_.configure(group);
  model_.configure(rig_.group());
  if (chance(50)) take(stale, {});
}

void QueueWorld::reset() {
  const Offset to{below(model_.examined().value + 1)};
  tell("reset to " + std::to_string(to.value));
  const QueueTurn stale = rig_.gather(1 + below(8));
  rig_.reset(to);
  model_.reset(to);
  if (chance(50)) take(stale, {});
}

// The end: everybody works well.

bool QueueWorld::is_drained() const {
  const QueueView& view = rig_.queue().view();
  return view.committed == rig_.head() && view.unfinished == 0 && view.set_aside == 0 &&
         rig_.dead_rows().empty();
}

void QueueWorld::drain_turn() {
  QueueTurn turn = rig_.gather(100);
  for (Worker& worker : workers_) {
    worker.past.clear();
    turn.steps.push_back(AckLeases{worker.name, std::exchange(worker.held, {})});
  }
  RetryDeadLetters retry;
  for (const auto& [offset, facts] : rig_.dead_letters())
    retry.events.push_back({{offset, rig_.lane(offset)}, facts.attempts});
  turn.steps.push_back(retry);
  std::vector<Demand> demand;
  for (const Worker& worker : workers_) demand.push_back({worker.name, 10});
  take(std::move(turn), std::move(demand));
  if (rig_.commit()) model_.committed(rig_.queue().view(), rig_.dead_rows());
  const bool idle = deliveries_.empty();
  for (auto& [worker, lease] : deliveries_) workers_[worker].held.push_back(lease);
  deliveries_.clear();
  if (idle) rig_.pass(1s);
}

void QueueWorld::drain() {
  tell("drain");
  GroupRow group = rig_.group();
  group.paused = false;
  rig_.configure(group);
  model_.configure(rig_.group());
  for (std::uint64_t turns = 0; problem_.empty() && !is_drained(); ++turns) {
    if (turns == kDrainTurnsMax + 10 * rig_.head().value)
      problem_ = "not everything was finished in the end";
    drain_turn();
    if (problem_.empty()) problem_ = model_.problem();
  }
  if (!problem_.empty()) return;
  for (const QueueRow& row : rig_.stored_rows()) mix(std::hash<std::string>()(row.bytes));
  for (const Offset offset : model_.owed())
    problem_ = std::to_string(offset.value) + " was taken in and never finished";
  for (Offset offset{1}; offset <= rig_.head(); offset = offset + 1)
    if (rig_.matches(offset) && !model_.is_finished(offset))
      problem_ = std::to_string(offset.value) + " was never finished";
}

}  // namespace daybook::test
