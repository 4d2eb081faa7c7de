#include "daemon/followers/running_follower.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/followers/log_feed.h"
#include "daemon/followers/tell_change.h"
#include "daemon/net/spawn.h"

namespace daybook {

namespace asio = boost::asio;

RunningFollower::RunningFollower(IoThread& thread, LogPort& log, std::string name, Owner owner)
    : thread_(thread),
      log_(log),
      name_(std::move(name)),
      owner_(std::move(owner)),
      ended_(thread.context(), asio::steady_timer::time_point::max()) {}

std::optional<FollowerState> RunningFollower::state() const {
  const std::scoped_lock lock(mutex_);
  return follower_ ? std::optional(follower_->state()) : std::nullopt;
}

Awaitable<bool> RunningFollower::reach(Offset offset, std::chrono::milliseconds at_most) {
  return Reached::wait(reached_, offset, at_most);
}

void RunningFollower::start() {
  wanted_ = true;
  if (std::exchange(runs_, true)) return;  // What ends now is followed by another one.
  net::spawn(thread_.context(), "follower", run(shared_from_this()));
}

void RunningFollower::stop() {
  wanted_ = false;
  ++stops_;
  reached_->forget();
  if (follower_) follower_->stop();
}

Awaitable<void> RunningFollower::ended() {
  while (runs_) co_await ended_.async_wait(asio::as_tuple(asio::use_awaitable));
}

void RunningFollower::pause(bool paused) {
  if (std::exchange(paused_, paused) != paused && follower_) follower_->pause(paused);
}

void RunningFollower::reopen() {
  if (follower_ && !paused_) follower_->reopen();
}

Awaitable<void> RunningFollower::run(std::shared_ptr<RunningFollower> self) {
  while (self->wanted_) {
    const std::shared_ptr<Follower> follower = self->make();
    self->show(follower);
    co_await Follower::run(follower);
    self->show(nullptr);
    if (follower->state().phase != FollowerPhase::finished || !self->wanted_) continue;
    self->wanted_ = false;
    self->owner_.finished();
  }
  self->runs_ = false;
  self->ended_.cancel();
}

std::shared_ptr<Follower> RunningFollower::make() {
  Follower::Listener listener{.changed = [this](const FollowerState& state) { changed(state); },
                              .moved =
                                  [this, stops = stops_](Offset to) {
                                    if (stops == stops_) reached_->moved(to);
                                  }};
  auto follower = std::make_shared<Follower>(thread_.context().get_executor(), name_,
                                             std::make_unique<LogFeed>(thread_, log_),
                                             owner_.make_sink(), std::move(listener));
  if (paused_) follower->pause(true);
  late_before_ = 0;
  return follower;
}

void RunningFollower::show(std::shared_ptr<Follower> follower) {
  const std::scoped_lock lock(mutex_);
  follower_ = std::move(follower);
}

void RunningFollower::changed(const FollowerState& state) {
  if (state.phase != FollowerPhase::following) {
    late_before_ = state.events_late;
    tell_change(state);
    return;
  }
  // What it has posted since it is connected again, and what there is to post yet.
  const Offset head = log_.head();
  const Offset checkpoint = state.checkpoint.value_or(head);
  tell_following(state, state.events_late - late_before_ + (head - std::min(checkpoint, head)));
  owner_.follows();
}

}  // namespace daybook
