// Each round: ask, wait, and look at everything that may have happened.
#include "daemon/ctl/worker.h"

#include <poll.h>
#include <sys/wait.h>

#include <algorithm>

#include "daemon/ctl/raw_json.h"
#include "daemon/ctl/verdict.h"

namespace daybook::ctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTimeout{10'000};  // of a request, beside what it asks to wait
constexpr milliseconds kFetchWait{500};   // bounds how long a stop takes
constexpr milliseconds kLeaveWait{500};   // for the fetch at the end, and then for the leave

std::vector<std::string> environment_of(const std::string& group, std::string_view event) {
  const auto text = [&](const char* name) { return to_text(member(event, name)); };
  return {"DAYBOOK_GROUP=" + group,
          "DAYBOOK_OFFSET=" + text("offset"),
          "DAYBOOK_ATTEMPT=" + text("attempt"),
          "DAYBOOK_EVENT_TYPE=" + text("event_type"),
          "DAYBOOK_AGGREGATE_TYPE=" + text("aggregate_type"),
          "DAYBOOK_AGGREGATE_ID=" + text("aggregate_id")};
}

}  // namespace

Worker::Worker(Context& context, Work work)
    : context_(context),
      work_(std::move(work)),
      path_("/v1/groups/" + client::percent_encode(work_.group)),
      http_(context.connection().url(), kTimeout),
      fetch_(context.connection().url(), kFetchWait + kTimeout),
      link_(context),
      news_(http_, link_, path_, work_.member) {
  const std::string group = ask(context, {.target = path_}).body;
  if (to_text(member(group, "mode")) != "queue")
    throw Failure(Exit::refused, "only a group in queue mode has work to give");
  extend_every_ = milliseconds(std::max<std::uint64_t>(number(group, "ack_timeout_ms"), 3)) / 3;
  busy_at_ = Clock::now();
  extend_at_ = busy_at_ + extend_every_;
}

Worker::~Worker() {
  places_.clear();
  if (fetch_.is_pending()) {  // what it brings is given back by the leave behind it
    pollfd answer{.fd = fetch_.fd(), .events = POLLIN, .revents = 0};
    ::poll(&answer, 1, static_cast<int>(kLeaveWait.count()));
    fetch_.cancel();
  }
  if (!link_.may_ask()) return;
  // Nobody is left to be told if this fails: the leases then end with their ack timeout.
  (void)client::HttpClient(http_.url(), kLeaveWait)
      .send({.method = "POST",
             .target = path_ + "/leave",
             .body = "{\"member\":" + to_json(work_.member) + '}'});
}

void Worker::run() {
  while (!is_over()) {
    ask_for_events();
    wait();
    if (signals_.take()) stop();
    if (is_killed_) break;
    take_events();
    tend();
    extend_leases();
    tell();
  }
  using News = LeaseNews::News;
  context_.streams.err << "daybook: " << started_ << (started_ == 1 ? " event: " : " events: ")
                       << news_.told(News::ack) << " acked, " << news_.told(News::retry)
                       << " to be tried again, " << news_.told(News::dead_letter) << " dead, "
                       << lost_ << " lost" << std::endl;
}

bool Worker::is_over() const {
  const bool is_idle = places_.empty() && news_.is_empty() && !fetch_.is_pending();
  return is_stopping_ && is_idle;
}

void Worker::ask_for_events() {
  std::uint64_t room = work_.parallel - places_.size();
  if (work_.count) room = std::min(room, *work_.count - started_);
  if (is_stopping_ || room == 0 || fetch_.is_pending() || !link_.may_ask()) return;
  const milliseconds wait = std::min(kFetchWait, work_.idle.value_or(kFetchWait));
  fetch_.send({.method = "POST",
               .target = path_ + "/fetch",
               .body = "{\"member\":" + to_json(work_.member) + ",\"max\":" + std::to_string(room) +
                       ",\"wait_ms\":" + std::to_string(wait.count()) + '}'});
}

void Worker::wait() {
  Clock::time_point until = link_.may_ask() ? extend_at_ : link_.retry_at();
  std::vector<pollfd> fds{{.fd = signals_.fd(), .events = POLLIN, .revents = 0},
                          {.fd = fetch_.fd(), .events = POLLIN, .revents = 0}};
  for (const Place& place : places_) {
    if (place.deadline) until = std::min(until, *place.deadline);
    fds.push_back({.fd = place.child->ended_fd(), .events = POLLIN, .revents = 0});
    fds.push_back({.fd = place.child->error_fd(), .events = POLLIN, .revents = 0});
  }
  const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
  constexpr milliseconds kLongest{60'000};
  const auto bounded = std::clamp(left, milliseconds{0}, kLongest);
  ::poll(fds.data(), fds.size(), static_cast<int>(bounded.count()));
}

void Worker::stop() {
  is_killed_ = is_stopping_;
  is_stopping_ = true;
  if (!places_.empty() && !is_killed_)
    warn("waiting for " + std::to_string(places_.size()) + " to finish");
}

void Worker::take_events() {
  if (!places_.empty() || link_.is_lost()) busy_at_ = Clock::now();
  auto answer = fetch_.take();
  if (!answer) return;
  const auto response = link_.check(*std::move(answer));
  if (!response) return;
  for (const std::string_view event : elements(member(response->body, "events"))) {
    Lease lease{.offset = std::string(member(event, "offset")),
                .attempt = std::string(member(event, "attempt")),
                .replay_id = std::string(member(event, "replay_id"))};
    if (is_stopping_)
      unwanted_.push_back(std::move(lease));
    else
      start(std::move(lease), event);
  }
  const bool is_idle = places_.empty() && work_.idle && Clock::now() - busy_at_ >= *work_.idle;
  is_stopping_ |= is_idle || (work_.count && started_ >= *work_.count);
}

void Worker::start(Lease lease, std::string_view event) {
  Place place;
  place.lease = std::move(lease);
  place.child = std::make_unique<Child>(work_.command, environment_of(work_.group, event),
                                        std::string(event) + '\n');
  if (work_.max_runtime) place.deadline = Clock::now() + *work_.max_runtime;
  places_.push_back(std::move(place));
  ++started_;
}

void Worker::tend() {
  std::erase_if(places_, [&](Place& place) {
    if (place.deadline && Clock::now() >= *place.deadline) {
      place.child->kill();
      place.is_killed = true;
      place.deadline.reset();
    }
    // In this order: what it wrote before its end is in the pipe.
    const std::optional<int> status = place.child->end();
    context_.streams.err << place.child->read_error() << std::flush;
    if (status) end(place, *status);
    return status.has_value();
  });
}

void Worker::end(const Place& place, int status) {
  using Action = Verdict::Action;
  using News = LeaseNews::News;
  if (!place.has_lease) return;
  const Verdict verdict = judge(status, place.child->last_line());
  if (verdict.action == Action::ack) return news_.add(News::ack, place.lease);
  const bool is_late = place.is_killed && WIFSIGNALED(status);
  news_.add(verdict.action == Action::retry ? News::retry : News::dead_letter, place.lease,
            (is_late ? "ran too long: " : "") + verdict.reason);
}

void Worker::extend_leases() {
  if (Clock::now() < extend_at_ || !link_.may_ask()) return;
  extend_at_ = Clock::now() + extend_every_;
  for (const Place& place : places_)
    if (place.has_lease) news_.add(LeaseNews::News::extend, place.lease);
  for (const Lease& lease : unwanted_) news_.add(LeaseNews::News::extend, lease);
}

void Worker::tell() {
  for (const Lease& lease : news_.tell()) {
    warn("event " + lease.offset + ": its lease (attempt " + lease.attempt +
         ") is lost; it may be delivered again");
    for (Place& place : places_)
      if (place.lease == lease) place.has_lease = false;
    if (std::erase(unwanted_, lease) == 0) ++lost_;
  }
}

void Worker::warn(const std::string& text) {
  context_.streams.err << "daybook: " << text << std::endl;
}

}  // namespace daybook::ctl
