// How subscriptions of a connection begin and end.
#include <algorithm>
#include <utility>

#include "protocol/ws/delivery.h"
#include "protocol/ws/frames.h"

namespace daybook::ws {
namespace {

Error not_subscribed(const json::SubId& sub) {
  return {Errc::not_found, "this connection has no subscription " + sub, "/sub"};
}

}  // namespace

Delivery::Subscription* Delivery::find(const json::SubId& sub) {
  for (Subscription& subscription : subscriptions_)
    if (subscription.sub == sub && !subscription.core.closed()) return &subscription;
  return nullptr;
}

std::optional<Error> Delivery::refusal(const json::SubscribeFrame& frame) const {
  for (const Subscription& other : subscriptions_)
    if (!other.core.closed() && other.member && other.member->group == frame.group &&
        other.member->name == frame.member)
      return Error{Errc::bad_value,
                   "this member is subscribed already as " + other.sub + " on this connection",
                   "/member"};
  return std::nullopt;
}

Awaitable<Result<void>> Delivery::subscribe(json::SubscribeFrame frame, std::string ref) {
  if (auto refused = refusal(frame)) co_return *refused;
  Result<Subscription> begun = co_await begin(frame);
  if (!begun) co_return begun.error();
  std::string answer = subscribed_frame(
      ref,
      {.sub = begun->sub, .after = begun->core.position(), .generation = begun->core.generation()});
  // Queued before the subscription begins, so that its first events come after.
  const bool told = co_await outbox_.push(std::move(answer));
  if (!told || closed_) co_return Error{Errc::shutting_down, "the connection is closing"};
  subscriptions_.push_back(std::move(*begun));
  changed_.notify();
  co_return Result<void>();
}

Awaitable<Result<Delivery::Subscription>> Delivery::begin(const json::SubscribeFrame& frame) {
  return frame.group.empty() ? begin_plain(frame) : begin_member(frame);
}

Awaitable<Result<Delivery::Subscription>> Delivery::begin_plain(const json::SubscribeFrame& frame) {
  const Result<Offset> after = co_await backend_.log.resolve(frame.after);
  if (!after) co_return after.error();
  if (*after > backend_.log.head())
    co_return Error{Errc::beyond_head,
                    "the head is " + std::to_string(backend_.log.head().value) +
                        ": nothing can have been read up to `after`",
                    "/after"};
  const SubscriberCore::Start start{*after, frame.credits, std::chrono::steady_clock::now()};
  co_return Subscription{.sub = frame.sub,
                         .filter = frame.filter,
                         .member = std::nullopt,
                         .core = SubscriberCore(start)};
}

Awaitable<Result<Delivery::Subscription>> Delivery::begin_member(
    const json::SubscribeFrame& frame) {
  const Result<GroupInfo> group = co_await backend_.groups.find(frame.group);
  if (!group) co_return group.error();
  if (group->row.settings.mode != GroupMode::log)
    co_return Error{Errc::wrong_mode, "the group was just made anew, in queue mode"};
  auto joined = co_await backend_.members.join(frame.group, frame.member);
  if (!joined && joined.error().code != Errc::standby) co_return joined.error();

  SubscriberCore::Start start{group->row.committed, frame.credits,
                              std::chrono::steady_clock::now()};
  SubscriberCore::Membership membership{
      std::nullopt, std::chrono::milliseconds(group->row.settings.member_timeout_ms)};
  if (joined) {
    start.after = joined->committed;
    membership = {joined->generation, joined->timeout};
  }
  co_return Subscription{.sub = frame.sub,
                         .filter = joined ? joined->filter : group->row.settings.filter,
                         .member = Member{frame.group, frame.member},
                         .core = SubscriberCore(start, membership)};
}

Result<void> Delivery::credit(const json::SubId& sub, std::uint64_t events) {
  Subscription* subscription = find(sub);
  if (subscription == nullptr) return not_subscribed(sub);
  subscription->core.credit(events);
  changed_.notify();
  return {};
}

Result<void> Delivery::unsubscribe(const json::SubId& sub) {
  Subscription* subscription = find(sub);
  if (subscription == nullptr) return not_subscribed(sub);
  subscription->core.close();
  leave(*subscription);
  changed_.notify();
  return {};
}

// A member that stands by or was unknown leaves as well: there is nothing to tell then.
void Delivery::leave(const Subscription& subscription) {
  if (!subscription.member) return;
  const auto left = backend_.members.leave(subscription.member->group, subscription.member->name);
  static_cast<void>(left);
}

void Delivery::leave_groups() {
  for (const Subscription& subscription : subscriptions_)
    if (!subscription.core.closed()) leave(subscription);
}

}  // namespace daybook::ws
