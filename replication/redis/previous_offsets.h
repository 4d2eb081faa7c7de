// The last offset on each channel, so that a message can name the one before it. Of one thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "replication/follower/feed.h"
#include "replication/redis/channel.h"
#include "storage/base/result.h"

namespace daybook::redis {

// Of the channels of one template.
class PreviousOffsets {
 public:
  // Bound: channels that are remembered. Policy: those that were silent for longest are forgotten;
  // the log is asked for them when they speak again.
  explicit PreviousOffsets(std::size_t channels_max = 16 << 10) : channels_max_(channels_max) {}
  PreviousOffsets(PreviousOffsets&&) = default;  // `by_channel_` points into `lasts_`: no copies

  // Gives the offset of the last event before this one on `channel`, which `name` makes of it (0:
  // there is none), and remembers this one. Events come in the order of the log.
  boost::asio::awaitable<Result<Offset>> replace(EventFeed& feed, const ChannelTemplate& name,
                                                 const std::string& channel,
                                                 const EventView& event);
  // Before events come again.
  void forget();

 private:
  struct Last {
    std::string channel;
    Offset offset;
  };
  std::size_t channels_max_;
  std::list<Last> lasts_;  // who spoke last stands first
  std::unordered_map<std::string_view, std::list<Last>::iterator> by_channel_;
};

}  // namespace daybook::redis
