#include "daemon/followers/followers.h"

#include "daemon/log/log.h"
#include "daemon/threads/listeners.h"

namespace daybook {
namespace {

PostgresFollowers::Settings settings_of(const Store& store, const config::Config& config) {
  return {.target = config.postgres.url,
          .page_events = static_cast<std::uint32_t>(config.postgres.page_events),
          .log_id = EventId{.text = {}, .uuid = store.log_id()}.to_string(),
          .declared = config.projections};
}

// Gives `change` the URL if it is another one. Without a URL there is no thread to follow on.
template <class Change>
void reload_url(const char* key, std::string& url, const std::string& fresh, Change change) {
  if (url == fresh) return;
  if (url.empty() || fresh.empty()) {
    log::warning("config_needs_restart", {{"key", key}});
    return;
  }
  url = fresh;
  change(url);
}

}  // namespace

Followers::Followers(World world, const config::Config& config)
    : postgres_url_(config.postgres.url), redis_url_(config.redis.url) {
  if (!postgres_url_.empty())
    postgres_ = std::make_unique<PostgresFollowers>(world.log, settings_of(world.store, config));
  if (!redis_url_.empty())
    redis_ = std::make_unique<RedisFollowers>(world.log, world.ingested, world.groups,
                                              RedisCheckpoint(world.store, world.writer),
                                              config.redis, config.limits);
}

void Followers::start() {
  if (postgres_) postgres_->start();
  if (redis_) redis_->start();
}

void Followers::committed(const Window& window) {
  if (postgres_) postgres_->thread().listeners().notify(window);
  if (redis_) redis_->thread().listeners().notify(window);
}

void Followers::reload(const config::Config& fresh) {
  reload_url("postgres.url", postgres_url_, fresh.postgres.url,
             [this](const std::string& url) { postgres_->change_target(url); });
  reload_url("redis.url", redis_url_, fresh.redis.url,
             [this](const std::string& url) { redis_->change_url(url); });
}

void Followers::stop() {
  if (postgres_) postgres_->stop();
  if (redis_) redis_->stop();
}

void Followers::join() {
  if (postgres_) postgres_->thread().stop();
  if (redis_) redis_->thread().stop();
  if (postgres_) postgres_->thread().join();
  if (redis_) redis_->thread().join();
}

std::vector<ProjectionInfo> Followers::list() const {
  std::vector<ProjectionInfo> all;
  if (postgres_)
    for (const auto& projection : postgres_->all()) all.push_back(projection->info());
  if (redis_) all.push_back(redis_->projection()->info());
  if (redis_ && redis_->ingest()) all.push_back(redis_->ingest()->info());
  return all;
}

std::shared_ptr<Projection> Followers::find(const std::string& name) const {
  if (redis_ && redis_->projection()->name() == name) return redis_->projection();
  return postgres_ ? postgres_->find(name) : nullptr;
}

}  // namespace daybook
