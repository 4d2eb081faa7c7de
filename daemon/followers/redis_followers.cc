#include "daemon/followers/redis_followers.h"

#include <boost/asio/post.hpp>

#include "storage/base/check.h"

namespace daybook {
namespace {

// `config::load` has read it before.
template <class T>
T sound(Result<T> read) {
  CHECK(read.has_value());
  return *std::move(read);
}

redis::ConnectionSettings connection_of(const config::Redis& config) {
  return {.url = sound(redis::parse_url(config.url)), .ca_file = config.ca_file};
}

redis::SinkSettings sink_of(const config::Redis& config) {
  redis::SinkSettings settings{.connection = connection_of(config),
                               .channels = {},
                               .legacy_channel = config.legacy_channel,
                               .envelope = config.envelope};
  for (const std::string& channel : config.channels)
    settings.channels.push_back(sound(redis::ChannelTemplate::parse(channel)));
  if (!config.stream.empty())
    settings.stream.key = sound(redis::ChannelTemplate::parse(config.stream));
  settings.stream.length_max = config.stream_length_max;
  settings.stream.age_max = std::chrono::seconds(config.stream_age_max_seconds);
  settings.start = config.start == config::Redis::Start::now ? redis::ColdStart::now
                                                             : redis::ColdStart::checkpoint;
  return settings;
}

}  // namespace

RedisFollowers::RedisFollowers(LogPort& log, LogPort& ingested, GroupPort& groups,
                               RedisCheckpoint checkpoint, const config::Redis& config,
                               const Limits& limits) {
  projection_ = std::make_shared<RedisProjection>(thread_, log, checkpoint, sink_of(config));
  if (config.ingest.empty()) return;
  ingest_ = std::make_unique<RedisIngest>(
      thread_, ingested, groups,
      redis::Ingest::Settings{
          .connection = connection_of(config), .patterns = config.ingest, .limits = limits});
}

RedisFollowers::~RedisFollowers() {
  thread_.stop();
  thread_.join();
}

void RedisFollowers::start() {
  boost::asio::post(thread_.context(), [this] {
    projection_->start();
    if (ingest_) ingest_->start();
  });
  thread_.start();
}

void RedisFollowers::change_url(const std::string& url) {
  boost::asio::post(thread_.context(), [this, url = sound(redis::parse_url(url))] {
    projection_->change_url(url);
    if (ingest_) ingest_->change_url(url);
  });
}

void RedisFollowers::stop() {
  boost::asio::post(thread_.context(), [this] {
    projection_->stop();
    if (ingest_) ingest_->stop();
  });
}

}  // namespace daybook
