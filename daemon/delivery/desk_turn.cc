// The turns of a desk: what goes into one, and who is told what came of it.
#include <algorithm>
#include <map>

#include "daemon/delivery/desk.h"
#include "daemon/log/log.h"
#include "storage/base/limits.h"

namespace daybook {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRetry{50};

bool may_bury(const PendingStep& pending) {
  const auto* nack = pending.call ? std::get_if<NackLeases>(&pending.call->step) : nullptr;
  return nack != nullptr && nack->action != NackAction::skip;
}

// Whether one of the events that the call failed is still to be buried. `to_bury` is ascending;
// where it is full what lies behind its end may follow.
bool waits_for(const StepCall& call, const std::vector<Burial>& to_bury) {
  if (to_bury.empty()) return false;
  return std::ranges::any_of(std::get<NackLeases>(call.step).leases, [&](const LeaseName& lease) {
    if (std::ranges::find(call.result->refused, lease.offset) != call.result->refused.end())
      return false;
    return (to_bury.size() >= limits::burials_in_turn && lease.offset > to_bury.back().offset) ||
           std::ranges::binary_search(to_bury, lease.offset, {}, &Burial::offset);
  });
}

}  // namespace

bool Desk::wants_turn(Moment now) const {
  if (now < retry_at_) return false;
  const auto is_ready = [](const Line& line) {
    return line.outlook() && line.outlook()->ready > 0;
  };
  for (const Line& line : lines_) {
    if (!line.row() && line.steps.empty()) continue;
    if (stopping_ ? !line.steps.empty() : line.wants_turn(now)) return true;
  }
  return !stopping_ && asked_ && !waiting_.empty() && std::ranges::any_of(lines_, is_ready);
}

Moment Desk::next_due(Moment now) const {
  Moment due = Moment::max();
  for (const Waiting& waiting : waiting_) due = std::min(due, waiting.ask->until);
  for (const Line& line : lines_) due = std::min(due, line.next_due(now));
  return now < retry_at_ ? retry_at_ : due;
}

Awaitable<void> Desk::take_turn() {
  Turn turn = begin_turn();
  const bool taken = co_await tools_.committer.submit(turn.job);
  if (!taken) {
    retry_at_ = steady_clock::now() + kRetry;
    const Error error{Errc::overloaded, "the commit queue is full: try again"};
    fail_turn(turn, error);
  } else if (!turn.job.result) {
    failure_ = turn.job.result.error();
    fail_turn(turn, *failure_);
  } else {
    end_turn(turn);
  }
}

Desk::Turn Desk::begin_turn() {
  Turn turn;
  TurnQueues command{.now = {.steady = steady_clock::now(), .wall = now()}};
  for (Waiting& waiting : waiting_) {
    const Ask& ask = *waiting.ask;
    if (stopping_ || waiting.roused) continue;
    turn.demand.push_back(&waiting);
    command.demand.push_back({.member = ask.member, .count = ask.max});
  }
  asked_ = false;
  for (Line& line : lines_) turn.lines.push_back(&line);
  std::ranges::stable_sort(turn.lines, {}, &Line::served);  // Neither starves the other.
  for (Line* line : turn.lines)
    command.turns.push_back(line->begin_turn(turn.steps.emplace_back()));
  turn.job.command = std::move(command);
  return turn;
}

void Desk::end_turn(Turn& turn) {
  std::vector<Result<TurnResult>>& results = turn.job.result->turns;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i])
      end_line_turn(turn, i, std::move(*results[i]));
    else
      lose_line(turn, i, results[i].error());
  }
  drop_replays_over();
}

// Nothing of it has happened.
void Desk::fail_turn(Turn& turn, const Error& error) {
  auto& command = std::get<TurnQueues>(turn.job.command);
  asked_ = true;
  for (std::size_t i = 0; i < turn.lines.size(); ++i) {
    Line& line = *turn.lines[i];
    take_note(line, command.turns[i]);
    line.poke();  // What it was told to bury or release it tells again.
    for (std::size_t k = 0; k < turn.steps[i].size(); ++k) {
      PendingStep& pending = turn.steps[i][k];
      QueueStep& step = command.turns[i].steps[k];
      if (pending.call != nullptr) {
        pending.call->result = error;
        answer(pending);
      } else if (!failure_ && !stopping_ && std::holds_alternative<EndMember>(step)) {
        line.steps.push_back({.step = std::move(step)});
      }
    }
  }
}

void Desk::end_line_turn(Turn& turn, std::size_t index, TurnResult result) {
  Line& line = *turn.lines[index];
  std::vector<PendingStep>& steps = turn.steps[index];
  const auto& command = std::get<TurnQueues>(turn.job.command);
  take_note(line, command.turns[index]);
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (steps[i].call != nullptr) steps[i].call->result = std::move(result.steps[i]);
  count(line, result, steps);
  if (!result.deliveries.empty()) line.served = ++served_;
  std::map<std::uint32_t, Lot> lots;
  for (const Delivery& delivery : result.deliveries)
    lots[delivery.demand].deliveries.push_back(delivery);
  for (auto& [demand, lot] : lots) {
    lot.queue = line.name();
    turn.demand[demand]->ask->lots->push_back(std::move(lot));
  }
  line.end_turn(std::move(result.outlook), command.now.steady);
  for (PendingStep& pending : steps) {
    if (pending.call == nullptr) continue;
    if (may_bury(pending) && !stopping_)
      line.held.push_back(std::move(pending));
    else
      answer(pending);
  }
  answer_held(line);
}

// What was read for the turn has come to its end.
void Desk::take_note(Line& line, const QueueTurn& turn) {
  for (const QueueStep& step : turn.steps) {
    if (std::holds_alternative<BuryEvent>(step)) line.burying = false;
    if (std::holds_alternative<ReleaseHeld>(step)) line.releasing = false;
  }
}

// There is no such queue any more.
void Desk::lose_line(Turn& turn, std::size_t index, const Error& error) {
  Line& line = *turn.lines[index];
  line.configure(std::nullopt);
  take_note(line, std::get<TurnQueues>(turn.job.command).turns[index]);
  for (PendingStep& pending : std::exchange(line.held, {})) answer(pending);
  for (PendingStep& pending : turn.steps[index]) {
    if (pending.call == nullptr) continue;
    pending.call->result = error;
    answer(pending);
  }
}

void Desk::answer(PendingStep& pending) {
  answers_.push_back(std::move(pending.caller));
}

// A nack returns when the dead letters that it made are there.
void Desk::answer_held(Line& line) {
  const std::vector<Burial>& to_bury = line.outlook()->to_bury;
  std::erase_if(line.held, [&](PendingStep& pending) {
    if (waits_for(*pending.call, to_bury)) return false;
    answer(pending);
    return true;
  });
}

void Desk::answer_asks(Moment now) {
  const std::optional<Error> refused = refusal();
  std::erase_if(waiting_, [&](Waiting& waiting) {
    Ask& ask = *waiting.ask;
    if (refused && ask.lots->empty()) ask.lots = *refused;
    const bool has_answer = !ask.lots || !ask.lots->empty();
    if (!has_answer && !waiting.roused && !stopping_ && now < ask.until) return false;
    if (!ask.connected) attendance_->hear(ask.member, now);  // Its time begins with the answer.
    answers_.push_back(std::move(waiting.caller));
    return true;
  });
}

// Those that go to its members: the first line is the desk's own.
void Desk::drop_replays_over() {
  for (auto at = std::next(lines_.begin()); at != lines_.end();) {
    const QueueView view = view_of(*at);
    const bool is_done = at->errands == 0 && at->is_over(view) && !at->needs_driver(view);
    at = is_done ? lines_.erase(at) : std::next(at);
  }
}

void Desk::count(const Line& line, const TurnResult& result,
                 const std::vector<PendingStep>& steps) {
  DeliveryCounts& counts = tools_.counts;
  counts.deliveries += result.deliveries.size();
  for (std::size_t i = 0; i < result.failed.size(); ++i) counts.failed[i] += result.failed[i];
  for (const PendingStep& pending : steps)
    if (pending.call != nullptr && pending.call->result)
      if (const auto* ack = std::get_if<AckLeases>(&pending.call->step))
        counts.acks += ack->leases.size() - pending.call->result->refused.size();
  if (!result.deliveries.empty()) hungry_since_.reset();
  if (const auto& state = result.outlook.breaker_changed)
    log::warning("group_breaker", {{"group", shown_name(line.name())}, {"state", name(*state)}});
}

void Desk::send_answers() {
  if (!answers_.empty()) resume_all(std::exchange(answers_, {}));
}

}  // namespace daybook
