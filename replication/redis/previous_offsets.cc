#include "replication/redis/previous_offsets.h"

namespace daybook::redis {
namespace {

boost::asio::awaitable<Result<Offset>> find(EventFeed& feed, const ChannelTemplate& name,
                                            const std::string& channel, const EventView& event) {
  Offset before = event.offset;
  for (;;) {
    Query query{.filter = name.same_channel(event),
                .order = Order::descending,
                .before = before,
                .limit = 1,
                .skip_trimmed = true};
    const Result<Page> page = co_await feed.read(std::move(query));
    if (!page) co_return page.error();
    // The filter may let more through: an event type may end in `*`.
    if (!page->events.empty() && name.of(page->events[0]) == channel)
      co_return page->events[0].offset;
    if (!page->next) co_return Offset{};
    before = *page->next;
  }
}

}  // namespace

boost::asio::awaitable<Result<Offset>> PreviousOffsets::replace(EventFeed& feed,
                                                                const ChannelTemplate& name,
                                                                const std::string& channel,
                                                                const EventView& event) {
  if (const auto known = by_channel_.find(channel); known != by_channel_.end()) {
    lasts_.splice(lasts_.begin(), lasts_, known->second);
    co_return std::exchange(known->second->offset, event.offset);
  }
  const Result<Offset> found = co_await find(feed, name, channel, event);
  if (!found) co_return found.error();
  lasts_.push_front({.channel = channel, .offset = event.offset});
  by_channel_.emplace(lasts_.front().channel, lasts_.begin());
  if (lasts_.size() > channels_max_) {
    by_channel_.erase(lasts_.back().channel);
    lasts_.pop_back();
  }
  co_return *found;
}

void PreviousOffsets::forget() {
  by_channel_.clear();
  lasts_.clear();
}

}  // namespace daybook::redis
