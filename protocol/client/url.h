// Addresses as a client spells them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/result.h"

namespace daybook::client {

// Where a daemon is.
struct Url {
  std::string host;  // without brackets
  std::string port = "80";

  std::string authority() const;  // for `Host`: "127.0.0.1:8011", "[::1]:8011"
};

// "http://127.0.0.1:8011", a slash behind it allowed. Fails with bad_value for anything else: other
// schemes, user names, paths.
Result<Url> parse_url(std::string_view text);

// One segment of a path or one value of a query: all but RFC 3986's unreserved characters encoded.
std::string percent_encode(std::string_view text);

// path?name=value&…, values encoded. A name may repeat.
std::string with_query(std::string_view path,
                       const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace daybook::client
