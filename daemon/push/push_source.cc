#include "daemon/push/push_source.h"

#include "daemon/log/log.h"

namespace daybook {
namespace {

std::vector<LeaseName> named(const webhook::DeliverySource::Lease& lease) {
  return {{.offset = lease.offset, .attempt = lease.attempt}};
}

}  // namespace

PushSource::PushSource(QueuePort& queues, std::string group, std::string name,
                       std::unique_ptr<QueueMember> member)
    : queues_(queues),
      group_(std::move(group)),
      name_(std::move(name)),
      member_(std::move(member)) {}

Awaitable<Result<webhook::DeliverySource::Batch>> PushSource::next(std::uint32_t max) {
  auto leased = co_await member_->next(max);
  if (!leased) co_return leased.error();
  Batch batch{.page = std::move(leased->page)};
  for (Leased::Tag& tag : leased->tags)
    batch.tags.push_back({.attempt = tag.attempt, .replay_id = std::move(tag.replay_id)});
  co_return batch;
}

void PushSource::wake() {
  member_->wake();
}

void PushSource::leave() {
  member_->leave();
}

// A lease that has expired is refused: the event is delivered again, as after an error.
Awaitable<void> PushSource::take(Lease lease, QueueStep step) {
  std::string queue = lease.replay_id.empty() ? group_ : replay_name(lease.replay_id);
  const auto taken = co_await queues_.take(std::move(queue), std::move(step));
  if (!taken)
    log::warning(
        "push_not_settled",
        {{"group", group_}, {"offset", lease.offset.value}, {"error", taken.error().detail}});
}

Awaitable<void> PushSource::ack(Lease lease) {
  QueueStep step = AckLeases{.member = name_, .leases = named(lease)};
  co_await take(std::move(lease), std::move(step));
}

Awaitable<void> PushSource::nack(Lease lease, std::optional<std::chrono::milliseconds> delay,
                                 std::string reason) {
  QueueStep step = NackLeases{
      .member = name_, .leases = named(lease), .delay = delay, .reason = std::move(reason)};
  co_await take(std::move(lease), std::move(step));
}

Awaitable<void> PushSource::extend(Lease lease) {
  QueueStep step = ExtendLeases{.member = name_, .leases = named(lease)};
  co_await take(std::move(lease), std::move(step));
}

}  // namespace daybook
