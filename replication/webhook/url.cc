#include "replication/webhook/url.h"

#include <algorithm>
#include <charconv>

#include "storage/base/limits.h"

namespace daybook::webhook {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_label(std::string_view text) {
  const auto is_allowed = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-'; };
  return !text.empty() && text.size() <= 63 && std::ranges::all_of(text, is_allowed) &&
         text.front() != '-' && text.back() != '-';
}

// As `inet_aton` reads numbers: decimal, octal or hexadecimal.
bool is_number(std::string_view label) {
  return std::ranges::all_of(label, is_digit) ||
         (label.starts_with("0x") &&
          label.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos);
}

// Takes the host, brackets and all, from the beginning of `rest`.
std::string_view take_host(std::string_view& rest) {
  std::size_t end = rest.starts_with('[') ? rest.find(']') : rest.find(':');
  if (rest.starts_with('[') && end != std::string_view::npos) ++end;
  const std::string_view host = rest.substr(0, end);
  rest.remove_prefix(host.size());
  return host;
}

Error refused(std::string_view text, std::string_view why) {
  return {Errc::bad_value, '"' + std::string(text.substr(0, limits::push_url_bytes_max)) +
                               "\" is no URL to push to: " + std::string(why)};
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failed != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool is_host_name(std::string_view text) {
  if (text.size() > 253) return false;
  for (;;) {
    const std::string_view label = text.substr(0, text.find('.'));
    if (!is_label(label)) return false;
    if (label.size() == text.size()) return !is_number(label);
    text.remove_prefix(label.size() + 1);
  }
}

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : '[' + host + ']';
  if (port != (tls ? kHttpsPort : kHttpPort)) out += ':' + std::to_string(port);
  return out;
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > limits::push_url_bytes_max)
    return refused(text,
                   "it has more than " + std::to_string(limits::push_url_bytes_max) + " bytes");
  const auto is_foreign = [](char c) { return c <= ' ' || c > '~' || c == '\\' || c == '#'; };
  if (std::ranges::any_of(text, is_foreign))
    return refused(text, "white space, backslashes, fragments and all but ASCII are encoded in it");

  const std::size_t colon = std::min(text.find("://"), text.size());
  const std::string scheme = lower_case(text.substr(0, colon));
  if (scheme != "http" && scheme != "https")
    return refused(text, "it begins with http:// or https://");
  Url url{.tls = scheme == "https"};

  std::string_view rest = text.substr(std::min(colon + 3, text.size()));
  std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(authority.size());
  url.target = (rest.starts_with('/') ? "" : "/") + std::string(rest);

  if (authority.find('@') != std::string_view::npos)
    return refused(text, "it has no room for a user name");
  const std::string host = lower_case(take_host(authority));
  const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  url.host = has_brackets ? host.substr(1, host.size() - 2) : host;
  url.address = parse_address(url.host);
  const bool is_v6 = url.host.find(':') != std::string::npos;
  if (url.address ? is_v6 != has_brackets : !is_host_name(host))
    return refused(text, "its host is neither a name nor an address in its plain spelling");

  const auto port = authority.empty() ? std::optional(url.tls ? kHttpsPort : kHttpPort)
                                      : parse_port(authority.substr(1));
  if (!port) return refused(text, "its port is a number from 1 to 65535");
  url.port = *port;
  return url;
}

}  // namespace daybook::webhook
