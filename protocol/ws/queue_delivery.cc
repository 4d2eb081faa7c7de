// How subscriptions to queues begin and end.
#include "protocol/ws/queue_delivery.h"

#include <algorithm>
#include <utility>

#include "protocol/replay_of_group.h"
#include "protocol/ws/frames.h"
#include "storage/base/random.h"

namespace daybook::ws {
namespace {

// Of whoever subscribes to a replay without a name: nobody else has it.
std::string made_up_member() {
  return "subscriber-" + std::to_string(random_number());
}

}  // namespace

QueueDelivery::QueueDelivery(Backend& backend, Outbox& outbox, TaskOwner& tasks,
                             const boost::asio::any_io_executor& strand)
    : backend_(backend), outbox_(outbox), tasks_(tasks), strand_(strand) {}

std::shared_ptr<QueueSubscription> QueueDelivery::find(const json::SubId& sub) const {
  for (const auto& subscription : subscriptions_)
    if (subscription->place().sub == sub && !subscription->ended()) return subscription;
  return nullptr;
}

std::size_t QueueDelivery::size() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      subscriptions_, [](const auto& subscription) { return !subscription->ended(); }));
}

Awaitable<Result<Offset>> QueueDelivery::committed(const json::SubscribeFrame& frame) {
  if (frame.group.empty()) {
    const Result<ReplayInfo> replay = backend_.replays.find(frame.replay);
    if (!replay) co_return replay.error();
    co_return replay->queue.committed;
  }
  const Result<GroupInfo> group = co_await backend_.groups.find(frame.group);
  if (!group) co_return group.error();
  co_return group->queue.committed;
}

Awaitable<Result<void>> QueueDelivery::subscribe(json::SubscribeFrame frame, std::string ref) {
  std::erase_if(subscriptions_, [](const auto& subscription) { return subscription->ended(); });
  QueueSubscription::Place place;
  place.sub = frame.sub;
  place.queue = json::queue_of(frame.group, frame.replay);
  place.member = frame.member.empty() ? made_up_member() : frame.member;
  place.credits = frame.credits;
  for (const auto& other : subscriptions_)
    if (other->place().queue == place.queue && other->place().member == place.member)
      co_return Error{
          Errc::bad_value,
          "this member is subscribed already as " + other->place().sub + " on this connection",
          "/member"};
  const Result<Offset> after = co_await committed(frame);
  if (!after) co_return after.error();
  Result<std::unique_ptr<QueueMember>> seat =
      co_await backend_.queues.join(place.queue, place.member);
  if (!seat) co_return seat.error();
  // Queued before the subscription begins, so that its first events come after.
  std::string answer =
      subscribed_frame(ref, {.sub = place.sub, .after = *after, .generation = std::nullopt});
  const bool told = co_await outbox_.push(std::move(answer));
  if (!told || closed_) co_return Error{Errc::shutting_down, "the connection is closing"};
  auto subscription = std::make_shared<QueueSubscription>(backend_, outbox_, strand_,
                                                          std::move(place), std::move(*seat));
  subscriptions_.push_back(subscription);
  tasks_.spawn("ws_queue", QueueSubscription::run(std::move(subscription)));
  co_return Result<void>();
}

Result<std::string> QueueDelivery::queue_of(const QueueSubscription& subscription,
                                            const std::string& replay_id) const {
  const std::string& own = subscription.place().queue;
  std::string named = json::queue_of(own, replay_id);
  if (is_replay_name(own) && named != own)
    return Error{Errc::bad_value, "the subscription is to another replay", "/replay_id"};
  if (named != own)
    if (auto wrong = wrong_replay(backend_, own, replay_id)) return std::move(*wrong);
  return named;
}

void QueueDelivery::room() {
  for (const auto& subscription : subscriptions_) subscription->room();
}

void QueueDelivery::end_all(QueueSubscription::End how) {
  closed_ = true;
  for (const auto& subscription : subscriptions_) subscription->end(how);
}

}  // namespace daybook::ws
