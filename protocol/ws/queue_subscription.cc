// The life of a subscription to a queue.
#include "protocol/ws/queue_subscription.h"

#include <algorithm>
#include <span>
#include <utility>

#include "protocol/ws/bounds.h"
#include "protocol/ws/frames.h"
#include "protocol/ws/passing.h"
#include "protocol/ws/subscription.h"
#include "storage/base/check.h"

namespace daybook::ws {

// However the coroutine ends, its member is gone.
struct QueueSubscription::Over {
  QueueSubscription& self;
  ~Over() {
    self.ended_ = true;
    self.seat_.reset();
    self.changed_.notify();
  }
};

QueueSubscription::QueueSubscription(Backend& backend, Outbox& outbox,
                                     const boost::asio::any_io_executor& strand, Place place,
                                     std::unique_ptr<QueueMember> seat)
    : backend_(backend),
      outbox_(outbox),
      place_(std::move(place)),
      seat_(std::move(seat)),
      changed_(strand) {}

Awaitable<void> QueueSubscription::run(std::shared_ptr<QueueSubscription> self) {
  const Over over{*self};
  co_await self->deliver();
  self->ended_ = true;
  while (self->steps_ > 0) co_await self->changed_.wait();
  if (self->how_ == End::left) self->seat_->leave();
}

Awaitable<void> QueueSubscription::deliver() {
  while (!ended_) {
    if (place_.credits == 0) {
      co_await changed_.wait();
      continue;
    }
    const bool room = co_await room_for(events_frame_bytes_max);
    if (!room) co_return;
    const auto max = std::min<std::uint64_t>(place_.credits, lease_events_max);
    Result<Leased> leased = co_await seat_->next(static_cast<std::uint32_t>(max));
    if (ended_) co_return;
    if (!leased && !is_passing(leased.error().code))
      co_return outbox_.put(broken_frame(place_.sub, leased.error()));
    if (leased && !leased->page.events.empty()) {
      co_await send(std::move(*leased));
    } else {  // A passing failure, or the daemon stops: not for long.
      const Moment again = std::chrono::steady_clock::now() + SubscriberCore::retry_interval;
      co_await changed_.wait(again);
    }
  }
}

Awaitable<void> QueueSubscription::send(Leased leased) {
  const Page& page = leased.page;
  CHECK(page.events.size() == leased.tags.size() && page.events.size() <= place_.credits);
  std::span<const EventView> events = page.events;
  std::span<const Leased::Tag> tags = leased.tags;
  while (!events.empty()) {
    const FramePart part = first_frame(events);
    const bool room = co_await room_for(part.bytes);
    if (!room) co_return;
    outbox_.put(leased_frame(place_.sub,
                             {.events = events.first(part.count),
                              .tags = tags.first(part.count),
                              .head = page.head,
                              .bytes = part.bytes},
                             backend_.log.event_texts()));
    place_.credits -= part.count;
    events = events.subspan(part.count);
    tags = tags.subspan(part.count);
  }
}

Awaitable<bool> QueueSubscription::room_for(std::size_t bytes) {
  while (!ended_ && !outbox_.has_room_for_events(bytes)) {
    waits_for_room_ = true;
    co_await changed_.wait();
  }
  waits_for_room_ = false;
  co_return !ended_;
}

void QueueSubscription::credit(std::uint64_t events) {
  place_.credits = std::max(place_.credits, place_.credits + events);  // Stays where it overflows.
  changed_.notify();
}

void QueueSubscription::end(End how) {
  if (ended_) return;
  ended_ = true;
  how_ = how;
  seat_->wake();
  changed_.notify();
}

Awaitable<void> QueueSubscription::gone() {
  while (seat_) co_await changed_.wait();
}

void QueueSubscription::landed() {
  --steps_;
  changed_.notify();
}

}  // namespace daybook::ws
