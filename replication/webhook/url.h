// The URL that a group's deliveries are POSTed to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "replication/webhook/address.h"
#include "storage/base/result.h"

namespace daybook::webhook {

struct Url {
  bool tls = false;
  std::string host;                // lower case; an address without brackets
  std::optional<Address> address;  // where the host is one
  std::uint16_t port = 0;
  std::string target;  // path and query, at least "/"

  std::string authority() const;  // of a `Host` header: without the scheme's own port
};

// http:// or https://, a host, a port perhaps, path and query. Fails with bad_value for everything
// else: user names, fragments, hosts that are neither a name nor an address in its plain spelling
// (see `parse_address`), anything but printable ASCII, more than limits::push_url_bytes_max.
Result<Url> parse_url(std::string_view text);

// Labels of lower case letters, digits and inner hyphens (RFC 1123), parted by single dots, none
// behind the last; and the last one is no number, which a resolver would take for an address.
bool is_host_name(std::string_view text);

// 1 to 65535, in decimal.
std::optional<std::uint16_t> parse_port(std::string_view text);

// ASCII.
std::string lower_case(std::string_view text);

}  // namespace daybook::webhook
