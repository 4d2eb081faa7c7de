#include "replication/redis/url.h"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>
#include <optional>
#include <string_view>

namespace daybook::redis {
namespace {

Error refused(const std::string& why) {
  return {Errc::bad_value,
          "a URL of Redis is redis://[user[:password]@]host[:port][/database], or "
          "rediss:// for TLS; in this one " +
              why};
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::string> decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    unsigned char byte = 0;
    const auto [end, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (failed != std::errc{} || end != digits.data() + 2) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

// Underscores too: names of containers have them.
bool is_host(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_';
  };
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, is_allowed);
}

bool is_address_v6(const std::string& text) {
  boost::system::error_code failed;
  boost::asio::ip::make_address_v6(text, failed);
  return !failed;
}

// Takes the scheme from the beginning of `rest`.
bool take_scheme(std::string_view& rest, bool& tls) {
  for (const std::string_view scheme : {"redis://", "rediss://"}) {
    if (!rest.starts_with(scheme)) continue;
    tls = scheme == "rediss://";
    rest.remove_prefix(scheme.size());
    return true;
  }
  return false;
}

}  // namespace

std::string Url::shown() const {
  std::string out = tls ? "rediss://" : "redis://";
  if (!user.empty()) out += user + "@";
  out += host.find(':') == std::string::npos ? host : "[" + host + "]";
  return out + ":" + std::to_string(port) + "/" + std::to_string(database);
}

Result<Url> parse_url(const std::string& text) {
  Url url;
  std::string_view rest = text;
  if (!take_scheme(rest, url.tls)) return refused("the scheme is another");
  // A password may have an `@` that is not encoded, a host has none.
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view credentials = rest.substr(0, at);
    const auto colon = std::min(credentials.find(':'), credentials.size());
    const auto user = decode_percent(credentials.substr(0, colon));
    const auto password =
        decode_percent(credentials.substr(std::min(colon + 1, credentials.size())));
    if (!user || !password) return refused("the user or the password has a broken %-escape");
    url.user = *user;
    url.password = *password;
    rest.remove_prefix(at + 1);
  }
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    const std::string_view path = rest.substr(slash + 1);
    const auto database = path.empty() ? 0U : parse_number<std::uint32_t>(path);
    if (!database) return refused("the database is no number");
    url.database = *database;
    rest = rest.substr(0, slash);
  }
  const bool has_brackets = rest.starts_with('[') && rest.find(']') != std::string_view::npos;
  const std::size_t host_end =
      has_brackets ? rest.find(']') + 1 : std::min(rest.find(':'), rest.size());
  url.host = has_brackets ? rest.substr(1, host_end - 2) : rest.substr(0, host_end);
  if (has_brackets ? !is_address_v6(url.host) : !is_host(url.host))
    return refused("the host is neither a name nor an address");
  rest.remove_prefix(host_end);
  if (rest.empty()) return url;
  const auto port = rest[0] == ':' ? parse_number<std::uint16_t>(rest.substr(1)) : std::nullopt;
  if (!port || *port == 0) return refused("the port is no number from 1 to 65535");
  url.port = *port;
  return url;
}

}  // namespace daybook::redis
