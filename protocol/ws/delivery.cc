// The pump of a connection: one action of each subscription a round, until all of them wait.
#include "protocol/ws/delivery.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "protocol/ws/bounds.h"
#include "protocol/ws/frames.h"
#include "protocol/ws/passing.h"

namespace daybook::ws {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

SubscriberCore::PageRead page_read(const Page& page) {
  return {.events = page.events.size(),
          .examined = page.next ? page.examined : std::max(page.examined, page.head),
          .head = page.head,
          .end = !page.next};
}

}  // namespace

Delivery::Delivery(Backend& backend, Outbox& outbox, const asio::any_io_executor& strand)
    : backend_(backend), outbox_(outbox), changed_(strand) {}

std::span<const EventView> Delivery::Subscription::rest() const {
  if (!page) return {};
  return std::span(page->events).subspan(sent);
}

std::size_t Delivery::Subscription::next_frame_bytes() const {
  const auto events = rest();
  return events.empty() ? events_frame_bytes_max
                        : std::max(events_frame_bytes_max, frame_bytes(events.front()));
}

void Delivery::Subscription::drop_page_if_done() {
  if (core.unsent() == 0) page.reset();
}

void Delivery::close() {
  closed_ = true;
  changed_.notify();
}

Awaitable<void> Delivery::run() {
  const auto strand = co_await asio::this_coro::executor;
  while (!closed_) {
    Moment until = Moment::max();
    bool worked = false;
    waits_for_room_ = false;
    for (auto at = subscriptions_.begin(); at != subscriptions_.end() && !closed_;) {
      const Action action = next(*at);
      if (std::holds_alternative<Stop>(action)) {
        at = subscriptions_.erase(at);
        continue;
      }
      const auto* const wait = std::get_if<Wait>(&action);
      at->waits_for_commits = wait != nullptr && wait->for_commits;
      if (wait != nullptr) {
        until = std::min(until, wait->until);
      } else {
        co_await carry_out(*at, action);
        worked = true;
      }
      ++at;
    }
    if (closed_) co_return;
    if (worked)  // The other half of the connection has its turn.
      co_await asio::post(strand, asio::use_awaitable);
    else
      co_await changed_.wait(until);
  }
}

Action Delivery::next(Subscription& subscription) {
  const bool room = outbox_.has_room_for_events(subscription.next_frame_bytes());
  waits_for_room_ = waits_for_room_ || !room;
  const Offset head = head_for(subscription);
  return subscription.core.next({.head = head, .now = Clock::now(), .room = room});
}

// What nobody has to read is passed over.
Offset Delivery::head_for(Subscription& subscription) {
  SubscriberCore& core = subscription.core;
  if (!subscription.interest) listen(subscription);
  if (core.unsent() > 0) return backend_.log.head();
  const Interest& interest = *subscription.interest;
  core.pass_over(interest.quiet_up_to(core.position()));
  return interest.may_match_above(core.position()) ? backend_.log.head() : core.position();
}

void Delivery::listen(Subscription& subscription) {
  subscription.interest = backend_.log.listen(subscription.filter, [this, &subscription] {
    if (subscription.waits_for_commits) changed_.notify();
  });
}

Awaitable<void> Delivery::carry_out(Subscription& subscription, Action action) {
  if (const auto* page = std::get_if<ReadPage>(&action)) {
    co_await read_page(subscription, *page);
  } else if (const auto* look = std::get_if<Peek>(&action)) {
    co_await peek(subscription, *look);
  } else if (std::holds_alternative<Join>(action)) {
    co_await join(subscription);
  } else if (std::holds_alternative<SendEvents>(action)) {
    send_events(subscription);
  } else {
    announce(subscription, action);
  }
}

Awaitable<void> Delivery::read_page(Subscription& subscription, ReadPage read) {
  Query query;
  query.filter = subscription.filter;
  query.after = read.after;
  query.limit = read.limit;
  Result<Page> page = co_await backend_.log.read(std::move(query));
  if (subscription.core.closed()) co_return;
  if (!page) co_return read_failed(subscription, page.error());
  subscription.page = std::move(*page);
  subscription.sent = 0;
  subscription.core.page_read(page_read(*subscription.page), Clock::now());
  subscription.drop_page_if_done();
}

Awaitable<void> Delivery::peek(Subscription& subscription, Peek peek) {
  Query query;
  query.filter = subscription.filter;
  query.after = peek.after;
  query.limit = 1;
  const Result<Page> page = co_await backend_.log.read(std::move(query));
  if (subscription.core.closed()) co_return;
  if (!page) co_return read_failed(subscription, page.error());
  std::optional<Offset> match;
  if (!page->events.empty()) match = page->events.front().offset;
  subscription.core.peeked(match, page_read(*page), Clock::now());
}

void Delivery::read_failed(Subscription& subscription, const Error& error) {
  SubscriberCore& core = subscription.core;
  if (error.code == Errc::trimmed && error.first_offset &&
      Offset{*error.first_offset} > core.position() + 1)
    return core.trimmed(Offset{*error.first_offset});
  if (is_passing(error.code) || error.code == Errc::trimmed) return core.read_failed(Clock::now());
  end_with(subscription, error);
}

void Delivery::send_events(Subscription& subscription) {
  const auto rest = subscription.rest();
  const FramePart part = first_frame(rest);
  const auto events = rest.first(part.count);
  outbox_.put(events_frame(subscription.sub,
                           {.events = events, .head = subscription.page->head, .bytes = part.bytes},
                           backend_.log.event_texts()));
  subscription.sent += part.count;
  subscription.core.events_sent(part.count, events.back().offset);
  subscription.drop_page_if_done();
}

void Delivery::announce(Subscription& subscription, const Action& action) {
  const json::SubId& sub = subscription.sub;
  if (const auto* checkpoint = std::get_if<SendCheckpoint>(&action))
    outbox_.put(checkpoint_frame(sub, checkpoint->offset, now()));
  if (const auto* caught_up = std::get_if<SendCaughtUp>(&action))
    outbox_.put(caught_up_frame(sub, caught_up->offset));
  if (const auto* fell_behind = std::get_if<SendFellBehind>(&action))
    outbox_.put(fell_behind_frame(sub, fell_behind->offset));
  if (const auto* trimmed = std::get_if<SendTrimmed>(&action))
    outbox_.put(trimmed_frame(sub, trimmed->from, trimmed->to));
  if (const auto* revoked = std::get_if<SendRevoked>(&action))
    outbox_.put(revoked_frame(sub, revoked->generation));
  if (const auto* active = std::get_if<SendSubscribed>(&action))
    outbox_.put(subscribed_frame(
        {}, {.sub = sub, .after = active->after, .generation = active->generation}));
}

Awaitable<void> Delivery::join(Subscription& subscription) {
  const Member member = *subscription.member;
  auto joined = co_await backend_.members.join(member.group, member.name);
  if (subscription.core.closed()) co_return leave(subscription);
  const Moment at = Clock::now();
  if (joined) {
    const bool new_filter = subscription.filter != joined->filter;
    if (new_filter) {
      subscription.filter = std::move(joined->filter);
      listen(subscription);
    }
    subscription.core.joined({.generation = joined->generation,
                              .committed = joined->committed,
                              .timeout = joined->timeout,
                              .new_filter = new_filter},
                             at);
  } else if (joined.error().code == Errc::standby) {
    subscription.core.stood_by(at);
  } else if (is_passing(joined.error().code)) {
    subscription.core.join_failed(at);
  } else {
    end_with(subscription, joined.error());
  }
  subscription.drop_page_if_done();
}

void Delivery::end_with(Subscription& subscription, const Error& error) {
  outbox_.put(broken_frame(subscription.sub, error));
  subscription.core.close();
  leave(subscription);
}

}  // namespace daybook::ws
