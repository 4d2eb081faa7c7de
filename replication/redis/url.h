// redis://[user[:password]@]host[:port][/database], or rediss:// for TLS.
#pragma once

#include <cstdint>
#include <string>

#include "storage/base/result.h"

namespace daybook::redis {

struct Url {
  bool tls = false;
  std::string user;      // ACL user; empty: "default"
  std::string password;  // percent-decoded; empty: none
  std::string host;
  std::uint16_t port = 6379;
  std::uint32_t database = 0;

  // Without a password: "redis://events@host:6379/0".
  std::string shown() const;
};

// bad_value, for a person; does not quote the text, which may have a password.
Result<Url> parse_url(const std::string& text);

}  // namespace daybook::redis
