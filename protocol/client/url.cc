// Reads and writes the few forms of a URL that a client of the daemon needs.
#include "protocol/client/url.h"

#include <algorithm>

namespace daybook::client {
namespace {

constexpr std::string_view kScheme = "http://";

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string Url::authority() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? '[' + host + ']' : host) + ':' + port;
}

Result<Url> parse_url(std::string_view text) {
  Error refused{Errc::bad_value, '"' + std::string(text) +
                                     "\" is not the address of a daemon, like "
                                     "http://127.0.0.1:8011"};
  if (!text.starts_with(kScheme)) return refused;
  std::string_view rest = text.substr(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);

  Url url;
  if (rest.starts_with('[')) {
    const std::size_t bracket = rest.find(']');
    if (bracket == std::string_view::npos) return refused;
    url.host = rest.substr(1, bracket - 1);
    rest.remove_prefix(bracket + 1);
  } else {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    url.host = rest.substr(0, colon);
    rest.remove_prefix(colon);
  }
  if (!rest.empty()) {
    if (rest.front() != ':' || !is_port(rest.substr(1))) return refused;
    url.port = rest.substr(1);
  }
  const auto is_bad = [](unsigned char c) { return c <= 0x20 || c >= 0x7F; };
  if (url.host.empty() || url.host.find_first_of("/?#@[]") != std::string::npos ||
      std::ranges::any_of(url.host, is_bad))
    return refused;
  return url;
}

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_unreserved = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                               (byte >= 'a' && byte <= 'z') || c == '-' || c == '.' || c == '_' ||
                               c == '~';
    if (is_unreserved) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::string with_query(std::string_view path,
                       const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string out(path);
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    out += separator;
    out += percent_encode(name) + '=' + percent_encode(value);
    separator = '&';
  }
  return out;
}

}  // namespace daybook::client
