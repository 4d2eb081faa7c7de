#include "replication/webhook/pusher.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "protocol/json/write_cloud_event.h"

namespace daybook::webhook {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// As a part of a header: all but letters, digits and `-._~` is percent-encoded.
std::string encoded(std::string_view text) {
  constexpr std::string_view kKept =
      "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr const char* kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kKept.find(c) != std::string_view::npos)
      out += c;
    else
      out.append({'%', kHex[byte >> 4U], kHex[byte & 15U]});
  }
  return out;
}

}  // namespace

// A coroutine that `spawn` has counted, until its frame is gone.
struct Pusher::Task {
  explicit Task(Pusher& of) : pusher(of) {}
  ~Task() {
    --pusher.tasks_;
    pusher.task_ended_.cancel();
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  Pusher& pusher;
};

// An attempt, until its frame is gone.
struct Pusher::Attempting : Task {
  Attempting(Pusher& of, Place at) : Task(of), place(at) {}
  ~Attempting() { pusher.under_way_.erase(place); }
  Place place;
};

Pusher::Pusher(const asio::any_io_executor& executor, Settings settings,
               std::unique_ptr<DeliverySource> source, std::unique_ptr<Poster> poster, Spawn spawn)
    : settings_(std::move(settings)),
      source_(std::move(source)),
      poster_(std::move(poster)),
      spawn_(std::move(spawn)),
      task_ended_(executor, asio::steady_timer::time_point::max()),
      next_look_(executor) {}

void Pusher::stop() {
  stopping_ = true;
  poster_->cancel();
  next_look_.cancel();
  task_ended_.cancel();
  source_->wake();
}

void Pusher::spawn(asio::awaitable<void> task) {
  ++tasks_;
  spawn_(std::move(task));
}

asio::awaitable<Result<void>> Pusher::run(std::shared_ptr<Pusher> self) {
  Pusher& me = *self;
  me.spawn(keep_leases(self));
  Result<void> ended;
  while (!me.stopping_) {
    const auto busy = static_cast<std::uint32_t>(me.under_way_.size());
    if (busy >= me.settings_.parallel) {
      co_await me.task_ended_.async_wait(kAsTuple);
      continue;
    }
    auto batch = co_await me.source_->next(me.settings_.parallel - busy);
    if (!batch) {
      ended = batch.error();
      me.stop();
    } else if (!me.stopping_) {
      begin(self, *batch);
    }
  }
  while (me.tasks_ > 0) co_await me.task_ended_.async_wait(kAsTuple);
  me.source_->leave();
  co_return ended;
}

void Pusher::begin(const std::shared_ptr<Pusher>& self, const DeliverySource::Batch& batch) {
  for (std::size_t i = 0; i < batch.page.events.size(); ++i) {
    const EventView& event = batch.page.events[i];
    const DeliverySource::Lease lease{batch.tags[i], event.offset};
    const auto place = self->under_way_.insert(self->under_way_.end(),
                                               {.lease = lease, .begun = steady_clock::now()});
    self->spawn(deliver(self, place, self->message(event, lease)));
  }
}

Message Pusher::message(const EventView& event, const DeliverySource::Lease& lease) const {
  Message message;
  message.id = encoded(settings_.group) + '-' + std::to_string(event.offset.value);
  if (!lease.replay_id.empty()) message.id += '-' + encoded(lease.replay_id);
  json::append_cloud_event(message.body, event,
                           {.source = settings_.source,
                            .group = settings_.group,
                            .attempt = lease.attempt,
                            .replay_id = lease.replay_id});
  return message;
}

asio::awaitable<void> Pusher::deliver(std::shared_ptr<Pusher> self, Place place, Message message) {
  const Attempting attempting(*self, place);
  const Outcome outcome = co_await self->poster_->post(std::move(message));
  DeliverySource::Lease lease = place->lease;
  std::optional<std::chrono::milliseconds> delay;
  std::string reason = outcome.reason;
  switch (outcome.kind) {
    case Outcome::Kind::acked: co_await self->source_->ack(std::move(lease)); break;
    case Outcome::Kind::later: delay = outcome.delay; [[fallthrough]];
    case Outcome::Kind::failed:
      co_await self->source_->nack(std::move(lease), delay, std::move(reason));
      break;
    case Outcome::Kind::cancelled: break;
  }
}

// Extends every lease whose attempt is slower than a third of the ack timeout.
asio::awaitable<void> Pusher::keep_leases(std::shared_ptr<Pusher> self) {
  const Task task(*self);
  const auto third = self->settings_.ack_timeout / 3;
  while (!self->stopping_) {
    self->next_look_.expires_after(third);
    co_await self->next_look_.async_wait(kAsTuple);
    if (self->stopping_) break;
    std::vector<DeliverySource::Lease> slow;
    for (const UnderWay& one : self->under_way_)
      if (one.begun <= steady_clock::now() - third) slow.push_back(one.lease);
    for (DeliverySource::Lease& lease : slow) co_await self->source_->extend(std::move(lease));
  }
}

}  // namespace daybook::webhook
