// The decisions of a subscription.
#include "protocol/ws/subscription.h"

#include <algorithm>
#include <utility>

#include "storage/base/check.h"
#include "storage/base/limits.h"

namespace daybook::ws {
namespace {

std::chrono::milliseconds heartbeat_interval(std::chrono::milliseconds timeout) {
  return timeout / 3;
}

std::chrono::milliseconds standby_interval(std::chrono::milliseconds timeout) {
  return std::min(timeout / 4, SubscriberCore::standby_interval_max);
}

}  // namespace

SubscriberCore::SubscriberCore(Start start)
    : position_(start.after),
      credits_(start.credits),
      last_read_at_(start.now),
      checkpoint_at_(start.now) {}

SubscriberCore::SubscriberCore(Start start, Membership membership) : SubscriberCore(start) {
  is_member_ = true;
  member_timeout_ = membership.timeout;
  generation_ = membership.generation;
  committed_ = start.after;
  join_at_ = start.now + (generation_ ? heartbeat_interval(member_timeout_)
                                      : standby_interval(member_timeout_));
}

Action SubscriberCore::next(const Outside& outside) {
  if (closed_) return Stop{};
  if (is_member_ && outside.now >= join_at_) return Join{};
  if (active()) note_lag(outside);
  if (!outside.room) return wait_for_join();
  if (auto told = announcement()) return *told;
  if (!active()) return wait_for_join();
  if (auto due = checkpoint_due(outside.now)) return *due;
  return reading(outside);
}

// What a client is told before anything else follows, in the order in which it came to pass.
std::optional<Action> SubscriberCore::announcement() {
  if (revoked_untold_) return SendRevoked{*std::exchange(revoked_untold_, std::nullopt)};
  if (!active()) return std::nullopt;
  if (std::exchange(subscribed_untold_, false)) return SendSubscribed{position_, *generation_};
  if (trimmed_untold_) return *std::exchange(trimmed_untold_, std::nullopt);
  if (std::exchange(caught_up_untold_, false)) return SendCaughtUp{position_};
  if (std::exchange(fell_behind_untold_, false)) return SendFellBehind{position_};
  return std::nullopt;
}

std::optional<Action> SubscriberCore::checkpoint_due(Moment now) {
  if (filtered_ < limits::checkpoint_events && now < checkpoint_at_ + limits::checkpoint_interval)
    return std::nullopt;
  filtered_ = 0;
  checkpoint_at_ = now;
  return SendCheckpoint{position_};
}

Action SubscriberCore::reading(const Outside& outside) {
  if (unsent_ > 0) return SendEvents{};
  if (retry_at_ && outside.now < *retry_at_) return wait_until(*retry_at_, false);
  if (position_ >= outside.head) return wait_until(Moment::max(), true);
  if (match_waits_) return wait_until(Moment::max(), false);  // for credits
  if (const Moment at = next_read_at(); outside.now < at) return wait_until(at, false);
  if (credits_ == 0) return Peek{position_};
  const auto limit = std::min<std::uint64_t>(credits_, page_events_max);
  return ReadPage{position_, static_cast<std::uint32_t>(limit)};
}

Moment SubscriberCore::next_read_at() const {
  if (!live_ || !last_read_was_end_) return Moment::min();
  return last_read_at_ + pause_between_reads;
}

Wait SubscriberCore::wait_for_join() const {
  return {is_member_ ? join_at_ : Moment::max(), false};
}

Wait SubscriberCore::wait_until(Moment moment, bool for_commits) const {
  Moment until = std::min(moment, checkpoint_at_ + limits::checkpoint_interval);
  if (is_member_) until = std::min(until, join_at_);
  if (behind_since_) until = std::min(until, *behind_since_ + behind_time_max);
  return {until, for_commits};
}

void SubscriberCore::note_lag(const Outside& outside) {
  if (unsent_ == 0 && position_ >= outside.head) return reached_end();
  if (!live_) return;
  if (!behind_since_) behind_since_ = outside.now;
  if (outside.now - *behind_since_ >= behind_time_max) fell_behind();
}

void SubscriberCore::reached_end() {
  behind_since_.reset();
  if (!live_) caught_up_untold_ = true;
  live_ = true;
}

void SubscriberCore::fell_behind() {
  behind_since_.reset();
  live_ = false;
  fell_behind_untold_ = true;
}

void SubscriberCore::pass_over(Offset quiet) {
  if (!active() || quiet <= position_) return;
  filtered_ += quiet - position_;
  position_ = quiet;
}

void SubscriberCore::credit(std::uint64_t events) {
  credits_ = std::max(credits_, credits_ + events);  // Stays where it would overflow.
  if (credits_ > 0) match_waits_ = false;
}

void SubscriberCore::read_at(Moment now, bool was_end) {
  last_read_at_ = now;
  last_read_was_end_ = was_end;
  retry_at_.reset();
}

void SubscriberCore::page_read(const PageRead& page, Moment now) {
  CHECK(unsent_ == 0);
  read_at(now, page.end);
  page_ = page;
  page_.examined = std::max(page.examined, position_);
  unsent_ = page.events;
  const std::uint64_t examined = page_.examined - position_;
  page_filtered_ = examined - std::min(examined, page.events);
  if (unsent_ == 0) page_finished();
}

void SubscriberCore::events_sent(std::uint64_t events, Offset last) {
  CHECK(events <= unsent_ && events <= credits_);
  unsent_ -= events;
  credits_ -= events;
  position_ = last;
  if (unsent_ == 0) page_finished();
}

void SubscriberCore::page_finished() {
  filtered_ += page_filtered_;
  position_ = std::max(position_, page_.examined);
  if (page_.end) return reached_end();
  if (live_ && position_ + behind_events_max < page_.head) fell_behind();
}

void SubscriberCore::peeked(std::optional<Offset> match, const PageRead& page, Moment now) {
  const bool end = !match && page.end;
  read_at(now, end);
  match_waits_ = match && credits_ == 0;
  const Offset reached = std::max(position_, match ? *match - 1 : page.examined);
  filtered_ += reached - position_;
  position_ = reached;
  if (end) reached_end();
}

void SubscriberCore::trimmed(Offset first_kept) {
  CHECK(first_kept > position_ + 1);
  trimmed_untold_ = SendTrimmed{position_ + 1, first_kept - 1};
  position_ = first_kept - 1;
}

void SubscriberCore::read_failed(Moment now) {
  retry_at_ = now + retry_interval;
}

void SubscriberCore::joined(const Joined& joined, Moment now) {
  member_timeout_ = joined.timeout;
  join_at_ = now + heartbeat_interval(member_timeout_);
  const bool same = generation_ == joined.generation;
  const bool moved_back = joined.committed < committed_;  // only a reset does that
  committed_ = joined.committed;
  if (same && !joined.new_filter && !moved_back && joined.committed <= position_) return;
  if (!same && generation_) revoked_untold_ = generation_;
  generation_ = joined.generation;
  begin_at(joined.committed);
  subscribed_untold_ = true;
}

void SubscriberCore::stood_by(Moment now) {
  join_at_ = now + standby_interval(member_timeout_);
  if (!generation_) return;
  revoked_untold_ = std::exchange(generation_, std::nullopt);
  begin_at(position_);
}

void SubscriberCore::join_failed(Moment now) {
  join_at_ = now + retry_interval;
}

void SubscriberCore::begin_at(Offset after) {
  position_ = after;
  unsent_ = 0;
  match_waits_ = false;
  live_ = false;
  caught_up_untold_ = false;
  fell_behind_untold_ = false;
  subscribed_untold_ = false;
  behind_since_.reset();
  retry_at_.reset();
  filtered_ = 0;
  trimmed_untold_.reset();
}

}  // namespace daybook::ws
