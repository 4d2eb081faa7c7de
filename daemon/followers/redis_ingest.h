// What is published in Redis by old producers, appended to the log: shown among the projections,
// though it goes the other way.
#pragma once

#include <memory>
#include <mutex>

#include "daemon/threads/io_thread.h"
#include "protocol/backend.h"
#include "replication/redis/ingest.h"

namespace daybook {

inline constexpr std::string_view kIngestName = "redis-ingest";
// The queue group of messages that could not be read.
inline constexpr std::string_view kRefusedGroup = "redis-ingest-refused";

class RedisIngest {
 public:
  RedisIngest(IoThread& thread, LogPort& log, GroupPort& groups, redis::Ingest::Settings settings);

  // Any thread.
  ProjectionInfo info() const;  // without head and lag

  // On its thread. Makes the group of refused messages, if there is none.
  void start();
  void stop();
  void change_url(redis::Url url);

 private:
  Awaitable<void> run();
  Awaitable<void> make_group();
  std::shared_ptr<redis::Ingest> make();

  IoThread& thread_;
  LogPort& log_;
  GroupPort& groups_;
  bool stopped_ = false;
  mutable std::mutex mutex_;  // of what its thread alone changes
  redis::Ingest::Settings settings_;
  std::shared_ptr<redis::Ingest> running_;
};

}  // namespace daybook
