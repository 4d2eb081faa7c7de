// The events as entries of Redis streams: XADD with the id `OFFSET-0`, one field, `event`.
//
// A key of its own, the mark, says how far the mirror has come: it is set once the entries are
// there. Whatever Redis loses (a crash between two fsyncs, a failover to a replica that was behind)
// is the end of what was done, the mark included, so that from the mark on nothing is missing and
// nothing is left out. A batch is a transaction, because one entry that is refused for want of
// memory before one that is not would be a hole for ever. Of one thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "replication/follower/feed.h"
#include "replication/redis/channel.h"
#include "replication/redis/connection.h"

namespace daybook::redis {

struct StreamSettings {
  std::optional<ChannelTemplate> key;  // nullopt: no mirror
  // A stream is trimmed when an entry is added.
  std::uint64_t length_max = 0;     // about; 0: no bound
  std::chrono::seconds age_max{0};  // about; 0: no bound
};

class Mirror {
 public:
  // `settings` has a key.
  Mirror(StreamSettings settings, EventFeed& feed);

  // After each connect. Everything up to the offset that it gives is there; nullopt: Redis knows of
  // no mirror. Fails where the mark is beyond the head: it is that of another log.
  boost::asio::awaitable<Result<std::optional<Offset>>> open(Connection& connection);

  // Before each page: looks up which entries are too old.
  boost::asio::awaitable<Result<void>> look_at_age();

  // Adds an event to a batch. Events come in the order of the log.
  void add(Commands& batch, const EventView& event) const;
  // Only the first batch after `open` may repeat what is there already; later a refused id means
  // that somebody else writes, too.
  boost::asio::awaitable<Result<void>> send(Connection& connection, Commands batch);
  // The mark, for after a batch.
  void set_mark(Commands& commands, Offset offset) const;

 private:
  const StreamSettings settings_;
  EventFeed& feed_;
  const std::string mark_;
  Offset keep_from_;  // older entries are too old
  std::chrono::steady_clock::time_point looked_at_;
  bool may_repeat_ = false;
};

}  // namespace daybook::redis
