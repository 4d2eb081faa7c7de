// What is posted to Redis and taken from it, on a thread of its own.
#pragma once

#include <memory>
#include <string>

#include "daemon/config/config.h"
#include "daemon/followers/redis_ingest.h"
#include "daemon/followers/redis_projection.h"
#include "daemon/threads/io_thread.h"
#include "protocol/backend.h"

namespace daybook {

class RedisFollowers {
 public:
  // `config` has a URL. What is ingested is appended to `ingested`.
  RedisFollowers(LogPort& log, LogPort& ingested, GroupPort& groups, RedisCheckpoint checkpoint,
                 const config::Redis& config, const Limits& limits);
  ~RedisFollowers();  // ends the thread
  RedisFollowers(const RedisFollowers&) = delete;
  RedisFollowers& operator=(const RedisFollowers&) = delete;

  // Any thread.
  IoThread& thread() { return thread_; }
  void start();
  void change_url(const std::string& url);
  // They end soon: their coroutines are among `net::live_tasks` until then.
  void stop();
  const std::shared_ptr<RedisProjection>& projection() const { return projection_; }
  const RedisIngest* ingest() const { return ingest_.get(); }  // nullptr: there is none

 private:
  IoThread thread_{"redis"};
  std::shared_ptr<RedisProjection> projection_;
  std::unique_ptr<RedisIngest> ingest_;
};

}  // namespace daybook
