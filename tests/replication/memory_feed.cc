#include "tests/replication/memory_feed.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace daybook::testing {

EventView LoggedEvent::view() const {
  EventView view;
  view.offset = offset;
  view.sequence = sequence;
  view.id_space = id_space;
  view.id.text = id;
  view.aggregate_type = aggregate_type;
  view.aggregate_id = aggregate_id;
  view.event_type = event_type;
  view.schema_version = schema_version;
  view.correlation_id = correlation_id;
  view.causation_id = causation_id;
  view.payload = payload;
  view.metadata = metadata;
  view.occurred_at = view.recorded_at = recorded_at;
  view.tags.assign(tags.begin(), tags.end());
  return view;
}

Offset MemoryLog::add(LoggedEvent event) {
  event.offset = head() + 1;
  event.sequence = Sequence{++heads_[{event.aggregate_type, event.aggregate_id}]};
  if (event.id.empty()) event.id = "e" + std::to_string(event.offset.value);
  events_.push_back(std::move(event));
  for (auto* waiting : waiting_) waiting->cancel();
  return head();
}

Page MemoryLog::read(const Query& query) const {
  Page page;
  page.head = head();
  page.examined = head();
  const bool ascends = query.order == Order::ascending;
  for (std::uint64_t i = 0; i < events_.size(); ++i) {
    const LoggedEvent& event = ascends ? events_[i] : events_[events_.size() - 1 - i];
    const EventView view = event.view();
    if (event.offset <= query.after || event.offset >= query.before) continue;
    if (!query.filter.matches(view) || !query.recorded.contains(view.recorded_at)) continue;
    page.events.push_back(view);
    if (page.events.size() < query.limit) continue;
    page.next = page.examined = event.offset;
    break;
  }
  if (page.next && ascends && *page.next == head()) page.next.reset();
  return page;
}

boost::asio::awaitable<Result<Page>> MemoryFeed::read(Query query) {
  co_return log_.read(query);
}

boost::asio::awaitable<void> MemoryFeed::wait_above(Offset after) {
  if (log_.head() > after) co_return;
  woken_.expires_at(boost::asio::steady_timer::time_point::max());
  const auto place = log_.waiting_.insert(log_.waiting_.end(), &woken_);
  co_await woken_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  log_.waiting_.erase(place);
}

}  // namespace daybook::testing
