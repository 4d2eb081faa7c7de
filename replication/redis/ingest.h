// Appends what old producers publish: subscribes to patterns, reads each message as the Platform's
// event, appends it, in the order of Redis. What does not parse is appended as an event of its own,
// with the text and the reason, for whoever looks after it: nothing that was received is dropped.
// Redis keeps no message for a subscriber that is away; docs/redis-ingest.md says so.
//
// With `messages_max` messages, or `bytes_max`, received and not yet appended it stops reading:
// Redis then keeps what comes, up to its client-output-buffer-limit for pubsub, and beyond that
// ends the connection.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "replication/follower/backoff.h"
#include "replication/redis/connection.h"
#include "storage/base/limits.h"
#include "storage/model/command.h"
#include "storage/model/follower.h"

namespace daybook::redis {

// Where it appends to. The daemon implements it.
class IngestTarget {
 public:
  virtual ~IngestTarget() = default;
  // Resumes once they are on disk. It is sealed. One call at a time.
  // overloaded, recovering, disk_full, io_failed and shutting_down: it is asked again later.
  virtual boost::asio::awaitable<Result<void>> append(Append append) = 0;
};

// Of an event that stands for a message which could not be read: its payload is
// {"channel","message","reason"}; a message that is no UTF-8 comes as "message_base64", of one that
// is too large there is "message_bytes".
inline constexpr std::string_view kRefusedAggregateType = "redis.ingest";
inline constexpr std::string_view kRefusedEventType = "redis.message.refused";

class Ingest : public std::enable_shared_from_this<Ingest> {
 public:
  struct Settings {
    ConnectionSettings connection;
    std::vector<std::string> patterns;
    Limits limits;
    std::size_t messages_max = 1000;
    std::size_t bytes_max = 4 << 20;
    BackoffBounds backoff;
  };
  // `changed` is told of each new phase, on the executor's thread: `failing` once for all attempts
  // that fail for the same reason.
  Ingest(const boost::asio::any_io_executor& executor, Settings settings,
         std::unique_ptr<IngestTarget> target, std::function<void(const FollowerState&)> changed);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  // Until `stop`.
  static boost::asio::awaitable<void> run(std::shared_ptr<Ingest> self);
  // On the executor's thread. What was received is still appended, unless that fails.
  void stop();
  // Any thread. `events`: appended; `failures`: refused messages among them; no checkpoint.
  FollowerState state() const;
  // Any thread. How often the subscription was lost: what was published until it was there again
  // was not received.
  std::uint64_t interruptions() const;

 private:
  struct Session;
  const std::unique_ptr<Session> session_;
};

}  // namespace daybook::redis
