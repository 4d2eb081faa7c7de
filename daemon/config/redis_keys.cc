#include "daemon/config/redis_keys.h"

#include <algorithm>

#include "replication/redis/channel.h"
#include "replication/redis/url.h"

namespace daybook::config {
namespace {

using redis::ChannelTemplate;

constexpr std::size_t kNameBytesMax = 255;

std::string length_refusal(const std::string& text) {
  if (text.empty()) return "it is empty";
  return text.size() > kNameBytesMax ? "it is longer than 255 bytes" : "";
}

// What comes out on these channels, whatever the events: one that is ingested would be published,
// and ingested again.
std::vector<std::string> published(const Redis& redis) {
  std::vector<std::string> out = redis.channels;
  out.emplace_back("events:{aggregate_type}");
  if (!redis.legacy_channel.empty()) out.push_back(redis.legacy_channel);
  // Redis itself may tell there what happens to keys.
  if (!redis.stream.empty())
    out.insert(out.end(), {"__keyspace@{event_type}", "__keyevent@{event_type}"});
  return out;
}

Result<void> check_server(const Redis& redis) {
  const std::pair<const char*, bool> dependants[] = {
      {"redis.legacy_channel", !redis.legacy_channel.empty()},
      {"redis.channels", !redis.channels.empty()},
      {"redis.stream", !redis.stream.empty()},
      {"redis.ingest", !redis.ingest.empty()}};
  for (const auto& [key, is_set] : dependants)
    if (is_set && redis.url.empty())
      return Error{Errc::bad_value, std::string(key) + " is set, but redis.url is empty"};
  return {};
}

// A channel has one form of messages, and each event once: a second one looks like a repeat.
Result<void> check_channels(const Redis& redis) {
  std::vector<std::string> taken{"events:{aggregate_type}", redis.legacy_channel};
  for (const std::string& channel : redis.channels) {
    if (std::ranges::find(taken, channel) != taken.end())
      return Error{Errc::bad_value, "redis.channels has \"" + channel +
                                        "\", on which every event is published already"};
    taken.push_back(channel);
  }
  return {};
}

}  // namespace

std::string redis_url_refusal(const std::string& text) {
  if (text.empty()) return "";
  const auto url = redis::parse_url(text);
  return url ? "" : url.error().detail;
}

std::string channel_refusal(const std::string& text) {
  if (text.find_first_of("{}") != std::string::npos) return "it is no template";
  return text.empty() ? "" : length_refusal(text);
}

std::string template_refusal(const std::string& text) {
  if (std::string refusal = length_refusal(text); !refusal.empty()) return refusal;
  const auto parsed = ChannelTemplate::parse(text);
  return parsed ? "" : parsed.error().detail;
}

std::string stream_refusal(const std::string& text) {
  return text.empty() ? "" : template_refusal(text);
}

std::string pattern_refusal(const std::string& text) {
  return length_refusal(text);
}

std::optional<std::string> masked_redis_url(const std::string& text) {
  const std::size_t user = text.find("://") + 3;
  const std::size_t colon = text.find(':', user);
  const std::size_t at = text.rfind('@');
  if (at == std::string::npos || colon > at) return std::nullopt;
  return text.substr(0, colon) + ":***" + text.substr(at);
}

Result<void> check_redis(const Redis& redis) {
  if (auto served = check_server(redis); !served) return served.error();
  if (auto apart = check_channels(redis); !apart) return apart.error();
  for (const std::string& text : published(redis)) {
    const auto channel = ChannelTemplate::parse(text);
    if (!channel) return channel.error();
    const auto is_loop = [&](const std::string& pattern) { return channel->may_match(pattern); };
    const auto loop = std::ranges::find_if(redis.ingest, is_loop);
    if (loop == redis.ingest.end()) continue;
    return Error{Errc::bad_value, "redis.ingest has \"" + *loop + "\", which could match \"" +
                                      text +
                                      "\": what is appended would be published there and appended "
                                      "again, for ever"};
  }
  return {};
}

}  // namespace daybook::config
