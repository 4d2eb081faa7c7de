#include "replication/follower/follower.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iterator>
#include <string_view>

#include "storage/base/random.h"

namespace daybook {
namespace {

namespace asio = boost::asio;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// But for numbers: lines, file names and processes differ at each attempt.
bool is_alike(std::string_view one, std::string_view other) {
  const auto without_digits = [](std::string_view text) {
    std::string out;
    std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c < '0' || c > '9'; });
    return out;
  };
  return without_digits(one) == without_digits(other);
}

}  // namespace

Follower::Follower(const asio::any_io_executor& executor, std::string name,
                   std::unique_ptr<EventFeed> feed, std::unique_ptr<Sink> sink, Listener listener,
                   BackoffBounds backoff)
    : feed_(std::move(feed)),
      sink_(std::move(sink)),
      listener_(std::move(listener)),
      backoff_(backoff),
      pause_(executor) {
  state_.name = std::move(name);
  state_.since = now();
}

asio::awaitable<void> Follower::run(std::shared_ptr<Follower> self) {
  while (!self->stopping_) {
    if (self->paused_) {
      self->enter(FollowerPhase::paused);
      self->pause_.expires_at(asio::steady_timer::time_point::max());
      co_await self->pause_.async_wait(kAsTuple);
      continue;
    }
    self->interrupted_ = false;
    Result<bool> finished = false;
    try {
      finished = co_await self->follow();
    } catch (const std::exception& thrown) {
      finished = Error{Errc::internal, thrown.what()};
    }
    self->sink_->close();
    if (finished && *finished) {
      self->enter(FollowerPhase::finished);
      co_return;
    }
    if (self->interrupted_) continue;
    self->failed(finished.error());
    co_await self->wait_to_retry();
  }
  self->enter(FollowerPhase::stopped);
}

// Until it is asked to do something else, or, with true, until the sink is finished.
asio::awaitable<Result<bool>> Follower::follow() {
  if (refusal_) co_return *refusal_;  // Also once the head has passed the checkpoint.
  const Result<Offset> opened = co_await sink_->open();
  if (!opened) co_return opened.error();
  if (*opened > feed_->head()) {
    refusal_ = Error{Errc::beyond_head,
                     "it has everything up to " + std::to_string(opened->value) +
                         ", and the log ended at " + std::to_string(feed_->head().value) +
                         ": the log was put back to an older state, and what it has more would "
                         "never be made good; drop what was posted and start the daemon anew"};
    co_return *refusal_;
  }
  checkpoint_ = *opened;
  opened_at_ = now();
  {
    const std::scoped_lock lock(mutex_);
    state_.checkpoint = checkpoint_;
  }
  if (listener_.moved) listener_.moved(checkpoint_);
  while (!interrupted_) {
    if (feed_->head() > checkpoint_) {
      const Result<bool> posted = co_await post_next();
      if (!posted) co_return posted.error();
      if (!*posted || interrupted_) continue;
    }
    const Result<bool> finished = co_await rest();
    if (!finished || *finished) co_return finished;
  }
  co_return false;
}

// Gives whether that was all there was when it was read: while events come faster than they are
// posted, the head is never reached.
asio::awaitable<Result<bool>> Follower::post_next() {
  const Sink::Wants wants = sink_->wants();
  Query query{.filter = wants.filter, .after = checkpoint_, .limit = wants.page_events};
  query.skip_trimmed = true;
  const Result<Page> page = co_await feed_->read(std::move(query));
  if (!page && page.error().code == Errc::overloaded) {
    co_await wait_for_room();
    co_return false;
  }
  if (!page) co_return page.error();
  if (page->examined <= checkpoint_)
    co_return Error{Errc::internal, "a read of the log after " + std::to_string(checkpoint_.value) +
                                        " looked at nothing"};
  const Result<void> written = co_await sink_->write(*page);
  if (!written) co_return written.error();
  checkpoint_ = page->examined;
  const auto is_late = [&](const EventView& event) { return event.recorded_at < opened_at_; };
  {
    const std::scoped_lock lock(mutex_);
    state_.checkpoint = checkpoint_;
    state_.events += page->events.size();
    state_.events_late += static_cast<std::uint64_t>(
        std::count_if(page->events.begin(), page->events.end(), is_late));
  }
  if (listener_.moved) listener_.moved(checkpoint_);
  is_well();
  co_return checkpoint_ >= page->head;
}

asio::awaitable<Result<bool>> Follower::rest() {
  const Result<Sink::Rest> rest = co_await sink_->caught_up();
  if (!rest) co_return rest.error();
  if (rest->finished) co_return true;
  is_well();
  if (interrupted_) co_return false;
  if (rest->again) {
    pause_.expires_after(*rest->again);
    pause_.async_wait([self = shared_from_this()](boost::system::error_code ended) {
      if (!ended) self->feed_->wake();
    });
  }
  co_await feed_->wait_above(checkpoint_);
  pause_.cancel();
  co_return false;
}

// Reads of clients go before: that is no reason to leave the connection.
asio::awaitable<void> Follower::wait_for_room() {
  pause_.expires_after(std::chrono::milliseconds(50));
  co_await pause_.async_wait(kAsTuple);
}

asio::awaitable<void> Follower::wait_to_retry() {
  pause_.expires_after(backoff_.next(random_number()));
  co_await pause_.async_wait(kAsTuple);
}

void Follower::stop() {
  stopping_ = true;
  interrupt();
}

void Follower::pause(bool paused) {
  paused_ = paused;
  interrupt();
}

void Follower::reopen() {
  backoff_.reset();
  interrupt();
}

void Follower::interrupt() {
  interrupted_ = true;
  sink_->close();
  feed_->wake();
  pause_.cancel();
}

// Not when it is connected, but when something was posted: else a full disk on the other side would
// be told at each attempt.
void Follower::is_well() {
  backoff_.reset();
  if (state_.phase != FollowerPhase::following) enter(FollowerPhase::following);
}

void Follower::failed(const Error& error) {
  const bool waits = error.code == Errc::standby;
  if (!waits) {
    const std::scoped_lock lock(mutex_);
    ++state_.failures;
  }
  const auto phase = waits ? FollowerPhase::standby : FollowerPhase::failing;
  if (state_.phase != phase || !is_alike(state_.trouble, error.detail)) enter(phase, error.detail);
}

void Follower::enter(FollowerPhase phase, std::string trouble) {
  {
    const std::scoped_lock lock(mutex_);
    state_.phase = phase;
    state_.trouble = std::move(trouble);
    state_.since = now();
  }
  if (listener_.changed) listener_.changed(state_);
}

FollowerState Follower::state() const {
  const std::scoped_lock lock(mutex_);
  return state_;
}

}  // namespace daybook
