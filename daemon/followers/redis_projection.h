// What is published in Redis, as a projection.
#pragma once

#include <mutex>

#include "daemon/followers/projection.h"
#include "daemon/followers/redis_checkpoint.h"
#include "replication/redis/redis_sink.h"

namespace daybook {

class RedisProjection final : public Projection {
 public:
  RedisProjection(IoThread& thread, LogPort& log, RedisCheckpoint checkpoint,
                  redis::SinkSettings settings);

  // Any thread.
  ProjectionInfo info() const override;

  // On its thread. Goes on at the other one.
  void change_url(redis::Url url);

 private:
  std::unique_ptr<Sink> make_sink();

  LogPort& log_;
  const RedisCheckpoint checkpoint_;
  mutable std::mutex mutex_;
  redis::SinkSettings settings_;  // its thread alone changes them; the URL is read elsewhere, too
};

}  // namespace daybook
