// An address to listen on, as the configuration spells it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/result.h"

namespace daybook::config {

struct Endpoint {
  std::string address;     // numeric: "127.0.0.1", "::1"
  std::uint16_t port = 0;  // 0: any free one
  bool is_loopback = false;
};

// "127.0.0.1:8011", "[::1]:8011", "localhost:8011". Other names are refused: what they mean may
// change, and a daemon should not listen on what somebody's DNS says.
Result<Endpoint> parse_endpoint(std::string_view text);

}  // namespace daybook::config
