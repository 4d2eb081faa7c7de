// Appends what old producers publish: subscribes to patterns, reads each message as the Platform's
// event, appends it. What does not parse is appended as an event of its own, with the text and the
// reason, for whoever looks after it: nothing is dropped. Redis keeps no message for a subscriber
// that is away; docs/redis.md says so.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "replication/redis/connection.h"
#include "storage/base/limits.h"
#include "storage/model/command.h"
#include "storage/model/follower.h"

namespace daybook::redis {

// Where it appends to. The daemon implements it.
class IngestTarget {
 public:
  virtual ~IngestTarget() = default;
  // Resumes once they are on disk. One call at a time.
  virtual boost::asio::awaitable<Result<void>> append(Append append) = 0;
};

// Of an event that stands for a message which could not be read: its payload is
// {"channel","message","reason"}; a message that is no UTF-8 comes as "message_base64".
inline constexpr std::string_view kRefusedAggregateType = "redis.ingest";
inline constexpr std::string_view kRefusedEventType = "redis.message.refused";

class Ingest : public std::enable_shared_from_this<Ingest> {
 public:
  struct Settings {
    ConnectionSettings connection;
    std::vector<std::string> patterns;
    Limits limits;
  };
  Ingest(const boost::asio::any_io_executor& executor, Settings settings,
         std::unique_ptr<IngestTarget> target, std::function<void(const FollowerState&)> changed);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  // Until `stop`.
  static boost::asio::awaitable<void> run(std::shared_ptr<Ingest> self);
  void stop();  // on its thread
  // Any thread. `events`: appended; `failures`: refused messages among them.
  FollowerState state() const;

 private:
  struct Session;
  const std::unique_ptr<Session> session_;
};

}  // namespace daybook::redis
