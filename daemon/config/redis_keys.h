// What the keys of [redis] accept, and what they say of each other.
#pragma once

#include <optional>
#include <string>

#include "daemon/config/config.h"

namespace daybook::config {

// Each returns why a text is refused, or "". None quotes a URL.
std::string redis_url_refusal(const std::string& text);
std::string channel_refusal(const std::string& text);   // a plain name, or empty
std::string template_refusal(const std::string& text);  // of channels
std::string stream_refusal(const std::string& text);    // the same, or empty
std::string pattern_refusal(const std::string& text);

// With "***" for its password; nullopt where it has none.
std::optional<std::string> masked_redis_url(const std::string& text);

// bad_value where a key needs redis.url, where a channel is named twice, or where what is published
// could be ingested again.
Result<void> check_redis(const Redis& redis);

}  // namespace daybook::config
