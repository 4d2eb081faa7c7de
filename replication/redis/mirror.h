// The events as entries of Redis streams: XADD with the id `OFFSET-0`, one field, `event`.
//
// A key of its own, the mark, says how far the mirror has come. A batch and its mark are one
// script, which first looks whether every stream will take its entries: all of it is there or
// nothing is, also after a crash or a failover to a replica that was behind, so that no entry is
// ever repeated. A transaction would not do: it goes on after an entry that is refused. Of one
// thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

// Those of one batch.
struct Entries {
  std::vector<std::string> streams;
  std::vector<std::string> events;  // of each entry: its offset, its text
  std::size_t bytes = 0;            // of texts
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
  void add(Entries& batch, const EventView& event) const;
  // Moves the mark to `upto`, too. Fails, and has then done nothing, where somebody else has
  // written into one of the streams.
  boost::asio::awaitable<Result<void>> send(Connection& connection, Entries batch, Offset upto);

 private:
  const StreamSettings settings_;
  EventFeed& feed_;
  const std::string mark_;
  Offset keep_from_;  // older entries are too old
  std::chrono::steady_clock::time_point looked_at_;
};

}  // namespace daybook::redis
