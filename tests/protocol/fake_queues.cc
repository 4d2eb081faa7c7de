// Queues of the fake backend.
#include "tests/protocol/fake_queues.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/protocol/fake_backend.h"

namespace daybook::testing {

namespace asio = boost::asio;

class FakeQueues::Seat final : public QueueMember {
 public:
  Seat(FakeQueues& all, std::string queue, std::string member)
      : all_(all), queue_(std::move(queue)), member_(std::move(member)) {
    ++all_.seats_;
  }
  ~Seat() override {
    --all_.seats_;
    if (left_) return;
    all_.lost_.push_back(member_);
    all_.expire(member_);
  }

  Awaitable<Result<Leased>> next(std::uint32_t max) override {
    all_.asked_.push_back(max);
    woken_ = false;
    for (;;) {
      if (auto failed = all_.take_failure()) co_return std::move(*failed);
      Result<Leased> leased = all_.lease(queue_, member_, max);
      if (!leased || !leased->page.events.empty() || woken_) co_return leased;
      co_await all_.changed(Moment::max());
    }
  }
  void wake() override {
    woken_ = true;
    all_.look_again();
  }
  void leave() override {
    left_ = true;
    all_.left_.push_back(member_);
    all_.expire(member_);
  }

 private:
  FakeQueues& all_;
  const std::string queue_;
  const std::string member_;
  bool woken_ = false;
  bool left_ = false;
};

void FakeQueues::add_replay(const std::string& id, std::string group) {
  replays_[replay_name(id)] = {std::move(group), log_.head()};
  look_again();
}

void FakeQueues::expire(const std::string& member) {
  for (auto& [queue, events] : events_)
    for (auto& [offset, event] : events)
      if (event.member == member) event.member.clear();
  look_again();
}

void FakeQueues::look_again() {
  for (const auto& waiting : std::exchange(waiting_, {}))
    if (const auto timer = waiting.lock()) timer->cancel();
}

void FakeQueues::hold_takes(bool held) {
  takes_held_ = held;
  look_again();
}

std::vector<Offset> FakeQueues::leased_to(const std::string& member) const {
  std::vector<Offset> offsets;
  for (const auto& [queue, events] : events_)
    for (const auto& [offset, event] : events)
      if (event.member == member) offsets.push_back(offset);
  return offsets;
}

bool FakeQueues::is_finished(const std::string& queue, Offset offset) const {
  const auto events = events_.find(queue);
  if (events == events_.end()) return false;
  const auto event = events->second.find(offset);
  return event != events->second.end() && event->second.finished;
}

std::optional<Error> FakeQueues::refusal(const std::string& queue) const {
  if (replays_.contains(queue)) return std::nullopt;
  if (is_replay_name(queue)) return Error{Errc::not_found, "no such replay"};
  const auto mode = groups_.mode(queue);
  if (!mode) return Error{Errc::unknown_group, "no such group"};
  if (*mode != GroupMode::queue) return Error{Errc::wrong_mode, "the group is in log mode"};
  return std::nullopt;
}

Result<Leased> FakeQueues::lease(const std::string& queue, const std::string& member,
                                 std::uint32_t max) {
  if (auto refused = refusal(queue)) return std::move(*refused);
  Leased leased;
  leased.page.head = log_.head();
  lease_from(queue, member, max, leased);
  for (const auto& [name, replay] : replays_)
    if (replay.group == queue) lease_from(name, member, max, leased);
  return leased;
}

void FakeQueues::lease_from(const std::string& queue, const std::string& member, std::uint32_t max,
                            Leased& leased) {
  const auto replay = replays_.find(queue);
  const bool of_group = replay == replays_.end();
  const GroupRow* const row = of_group ? groups_.row(queue) : nullptr;
  for (const StoredEvent& stored : log_.events()) {
    if (leased.tags.size() == max) return;
    const EventView event = stored.view();
    if (of_group && (event.offset <= row->committed || !row->settings.filter.matches(event)))
      continue;
    if (!of_group && event.offset > replay->second.upto) return;
    Event& state = events_[queue][event.offset];
    if (state.finished || !state.member.empty()) continue;
    state.member = member;
    leased.page.events.push_back(event);
    leased.tags.push_back({++state.attempt, of_group ? std::string() : queue.substr(1)});
  }
}

FakeQueues::Event* FakeQueues::find(const std::string& queue, const std::string& member,
                                    const LeaseName& name) {
  const auto found = events_[queue].find(name.offset);
  if (found == events_[queue].end()) return nullptr;
  Event& event = found->second;
  const bool holds =
      event.member == member && name.attempt.value_or(event.attempt) == event.attempt;
  return holds ? &event : nullptr;
}

Awaitable<void> FakeQueues::changed(Moment until) {
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = std::make_shared<asio::steady_timer>(executor, until);
  const auto interest = log_.listen({}, [&timer = *timer] { timer.cancel(); });
  waiting_.push_back(timer);
  co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
}

Awaitable<Result<Leased>> FakeQueues::fetch(Fetch fetch) {
  const Moment until = std::chrono::steady_clock::now() + fetch.wait;
  for (;;) {
    Result<Leased> leased = lease(fetch.queue, fetch.member, fetch.max);
    if (!leased || !leased->page.events.empty()) co_return leased;
    if (std::chrono::steady_clock::now() >= until) co_return leased;
    co_await changed(until);
  }
}

Awaitable<Result<std::unique_ptr<QueueMember>>> FakeQueues::join(std::string queue,
                                                                 std::string member) {
  if (auto refused = refusal(queue)) co_return std::move(*refused);
  co_return std::make_unique<Seat>(*this, std::move(queue), std::move(member));
}

Awaitable<Result<std::vector<Offset>>> FakeQueues::take(std::string queue, QueueStep step) {
  if (auto failed = take_failure()) co_return std::move(*failed);
  if (auto refused = refusal(queue)) co_return std::move(*refused);
  steps_.push_back(step);
  std::vector<Offset> refused;
  const auto each = [&](const std::string& member, const std::vector<LeaseName>& leases,
                        auto change) {
    for (const LeaseName& name : leases) {
      Event* const event = find(queue, member, name);
      if (event == nullptr) {
        refused.push_back(name.offset);
      } else {
        change(*event);
      }
    }
  };
  if (const auto* ack = std::get_if<AckLeases>(&step)) {
    each(ack->member, ack->leases, [](Event& event) { event = {event.attempt, {}, true}; });
  } else if (const auto* nack = std::get_if<NackLeases>(&step)) {
    const bool finishes = nack->action != NackAction::retry;
    each(nack->member, nack->leases, [&](Event& event) { event = {event.attempt, {}, finishes}; });
  } else {
    const auto& extend = std::get<ExtendLeases>(step);
    each(extend.member, extend.leases, [](Event&) {});
  }
  look_again();
  while (takes_held_) co_await changed(Moment::max());
  co_return refused;
}

}  // namespace daybook::testing
