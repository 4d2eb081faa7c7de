#include "daemon/config/redis_keys.h"

namespace daybook::config {
namespace {

constexpr std::size_t kNameBytesMax = 255;

std::string length_refusal(const std::string& text) {
  if (text.empty()) return "it is empty";
  return text.size() > kNameBytesMax ? "it is longer than 255 bytes" : "";
}

}  // namespace

std::string redis_url_refusal(const std::string& text) {
  if (text.empty() || text.starts_with("redis://") || text.starts_with("rediss://")) return "";
  return "it begins with neither redis:// nor rediss://";
}

std::string channel_refusal(const std::string& text) {
  if (text.find_first_of("{}") != std::string::npos) return "it is no template";
  return text.empty() ? "" : length_refusal(text);
}

std::string template_refusal(const std::string& text) {
  return length_refusal(text);
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
  if (!redis.url.empty()) return {};
  const std::pair<const char*, bool> dependants[] = {
      {"redis.legacy_channel", !redis.legacy_channel.empty()},
      {"redis.channels", !redis.channels.empty()},
      {"redis.stream", !redis.stream.empty()},
      {"redis.ingest", !redis.ingest.empty()}};
  for (const auto& [key, is_set] : dependants)
    if (is_set) return Error{Errc::bad_value, std::string(key) + " is set, but redis.url is empty"};
  return {};
}

}  // namespace daybook::config
