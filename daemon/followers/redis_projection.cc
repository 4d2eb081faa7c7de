#include "daemon/followers/redis_projection.h"

#include "daemon/followers/log_feed.h"

namespace daybook {

RedisProjection::RedisProjection(IoThread& thread, LogPort& log, RedisCheckpoint checkpoint,
                                 redis::SinkSettings settings)
    : Projection(thread, log, "redis", {.make_sink = [this] { return make_sink(); }}),
      log_(log),
      checkpoint_(checkpoint),
      settings_(std::move(settings)) {
  // What a cold start leaves out is left out once, whatever sinks are made later.
  settings_.on_begun = [this] { settings_.start = redis::ColdStart::checkpoint; };
}

ProjectionInfo RedisProjection::info() const {
  ProjectionInfo info = Projection::info();
  info.kind = ProjectionKind::redis;
  const std::scoped_lock lock(mutex_);
  info.target = settings_.connection.url.shown();
  return info;
}

void RedisProjection::change_url(redis::Url url) {
  stop();
  {
    const std::scoped_lock lock(mutex_);
    settings_.connection.url = std::move(url);
  }
  start();
}

std::unique_ptr<Sink> RedisProjection::make_sink() {
  return std::make_unique<redis::RedisSink>(thread().context().get_executor(), settings_,
                                            std::make_unique<RedisCheckpoint>(checkpoint_),
                                            std::make_unique<LogFeed>(thread(), log_));
}

}  // namespace daybook
