// Publishes every event, at least once and in the order of the log, and mirrors it into streams.
//
// The checkpoint is saved at most every `save_every`: after a crash so much may be published again.
// A connection that was lost goes on after the last page that Redis has answered, as a primary; a
// page that fails half-way is published again. The mirror goes on from its own mark.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "replication/follower/feed.h"
#include "replication/follower/sink.h"
#include "replication/redis/channel.h"
#include "replication/redis/checkpoint_store.h"
#include "replication/redis/connection.h"
#include "replication/redis/mirror.h"

namespace daybook::redis {

enum class ColdStart : std::uint8_t {
  checkpoint,  // go on where it was; the very first start begins at the head
  now,         // publish nothing that was appended while the daemon was down; the mirror has it
};

struct SinkSettings {
  ConnectionSettings connection;
  std::vector<ChannelTemplate> channels;  // native messages, beside `events:{aggregate_type}`
  std::string legacy_channel;             // empty: none
  bool envelope = false;                  // offset and previous_offset in the old forms, too
  StreamSettings stream;
  ColdStart start = ColdStart::checkpoint;
  // Once it is decided, and saved, where it begins, which is before there is a connection.
  std::function<void()> on_begun = [] {};
  std::uint32_t page_events = 1000;  // of which about 256 KiB at a time are in flight
  std::chrono::milliseconds save_every{200};
};

class RedisSink final : public Sink {
 public:
  // `feed`: for the offsets of messages before those that it was given. Throws std::runtime_error
  // where `legacy_channel` is no name of channels.
  RedisSink(const boost::asio::any_io_executor& executor, SinkSettings settings,
            std::unique_ptr<CheckpointStore> checkpoints, std::unique_ptr<EventFeed> feed);
  ~RedisSink() override;

  Wants wants() const override;
  boost::asio::awaitable<Result<Offset>> open() override;
  boost::asio::awaitable<Result<void>> write(const Page& page) override;
  boost::asio::awaitable<Result<Rest>> caught_up() override;
  void close() override;

 private:
  struct Session;
  const std::unique_ptr<Session> session_;
};

}  // namespace daybook::redis
