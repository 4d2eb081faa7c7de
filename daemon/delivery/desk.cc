#include "daemon/delivery/desk.h"

#include <algorithm>

#include "daemon/threads/listeners.h"

namespace daybook {
namespace {

Error gone(const std::string& queue) {
  if (is_replay_name(queue)) return {Errc::not_found, "the replay is over, or was deleted"};
  return {Errc::unknown_group, "there is no group \"" + queue + "\": create it with PUT"};
}

// Who is heard of with a step; nullptr: nobody.
const std::string* member_of(const QueueStep& step) {
  if (const auto* ack = std::get_if<AckLeases>(&step)) return &ack->member;
  if (const auto* nack = std::get_if<NackLeases>(&step)) return &nack->member;
  if (const auto* extend = std::get_if<ExtendLeases>(&step)) return &extend->member;
  return nullptr;
}

}  // namespace

std::string shown_name(const std::string& queue) {
  return is_replay_name(queue) ? "replay " + queue.substr(1) : queue;
}

Desk::Desk(IoThread& io, const DeskTools& tools, Pace& pace, std::string name,
           std::shared_ptr<Attendance> attendance, const std::set<std::string>& replays)
    : io_(io),
      tools_(tools),
      name_(std::move(name)),
      attendance_(std::move(attendance)),
      pace_(pace),
      wake_(io.context()) {
  open_line(name_);
  for (const std::string& replay : replays) open_line(replay);
}

Awaitable<void> Desk::run() {
  for (;;) {
    const Moment now = std::chrono::steady_clock::now();
    rests_ = is_resting(now);
    if (!stopping_ && !rests_) start_errands(now);
    answer_asks(now);
    send_answers();
    if (is_done()) co_return;
    if (rests_) {
      co_await wake_.wait(pace_stamp_.rests_until);
    } else if (wants_turn(now)) {
      pace_.took_turn(pace_stamp_, now);
      co_await take_turn();
    } else {
      co_await wake_.wait(next_due(now));
    }
  }
}

void Desk::rouse_loop() {
  if (!rests_) wake_.wake();
}

// Whether nobody needs it any more.
bool Desk::is_done() const {
  if (errands_ > 0 || !waiting_.empty()) return false;
  for (const Line& line : lines_)
    if (!line.steps.empty() || !line.held.empty()) return false;
  if (stopping_ || failure_ || !own().row()) return true;
  if (!attendance_->empty()) return false;
  return std::ranges::none_of(
      lines_, [this](const Line& line) { return line.needs_driver(view_of(line)); });
}

QueueView Desk::view_of(const Line& line) const {
  return tools_.store.groups().queue_view(line.name()).value_or(QueueView{});
}

Line* Desk::find_line(const std::string& queue) {
  const auto found = std::ranges::find(lines_, queue, &Line::name);
  return found == lines_.end() ? nullptr : &*found;
}

Line& Desk::open_line(const std::string& queue) {
  if (Line* known = find_line(queue)) return *known;
  lines_.emplace_back(queue);
  configure(lines_.back());
  return lines_.back();
}

void Desk::configure(Line& line) {
  auto row = tools_.store.groups().find(line.name());
  line.configure(std::move(row));
  listen(line);
}

// A replay's range is in the past: nothing new is for it.
void Desk::listen(Line& line) {
  if (line.interest || !line.row() || line.row()->replay || stopping_) return;
  line.interest = io_.listeners().listen(tools_.store.window(), line.row()->settings.filter,
                                         [this] { rouse_loop(); });
}

void Desk::ask(Ask& ask, Suspension caller) {
  if (!ask.connected) attendance_->hear(ask.member, std::chrono::steady_clock::now());
  waiting_.push_back({.ask = &ask, .caller = std::move(caller)});
  asked_ = asked_since_sweep_ = true;
  rouse_loop();
}

void Desk::take(StepCall& call, Suspension caller) {
  if (const std::string* member = member_of(call.step))
    attendance_->heartbeat(*member, std::chrono::steady_clock::now());
  open_line(call.queue).steps.push_back({.step = {}, .call = &call, .caller = std::move(caller)});
  rouse_loop();
}

void Desk::depart(const std::string& member) {
  if (attendance_->depart(member)) end_member(member, true);
}

// The name is one member: what it holds stays while another connection has it.
void Desk::leave(const std::string& member) {
  if (attendance_->depart(member)) end_member(member, false);
}

void Desk::end_member(const std::string& member, bool lost) {
  if (stopping_) return;  // Leases outlive the daemon.
  for (Line& line : lines_)
    line.steps.push_back({.step = EndMember{.member = member, .lost = lost}});
  rouse_loop();
}

void Desk::rouse(const std::string& member) {
  for (Waiting& waiting : waiting_)
    if (waiting.ask->member == member) waiting.roused = true;
  rouse_loop();
}

void Desk::changed(const std::string& queue) {
  Line* line = find_line(queue);
  if (line == nullptr) {
    if (queue != name_ && is_replay_name(queue)) open_line(queue);
  } else {
    configure(*line);
  }
  rouse_loop();
}

void Desk::poke(const std::string& queue) {
  open_line(queue).poke();
  rouse_loop();
}

void Desk::stop() {
  stopping_ = true;
  for (Line& line : lines_) {
    line.interest.reset();
    for (PendingStep& pending : std::exchange(line.held, {})) answer(pending);
  }
  wake_.wake();
}

// What those who ask are told instead of waiting.
std::optional<Error> Desk::refusal() const {
  if (failure_) return failure_;
  if (own().is_over(is_replay_name(name_) ? view_of(own()) : QueueView{})) return gone(name_);
  return std::nullopt;
}

std::size_t Desk::demand() const {
  std::size_t total = 0;
  for (const Waiting& waiting : waiting_) total += waiting.ask->max;
  return total;
}

}  // namespace daybook
