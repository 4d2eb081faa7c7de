// See guard.h.
#include "protocol/http/guard.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>
#include <charconv>

namespace daybook::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::iequals;

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

// Four decimal octets, the first of them 127: "127.evil.example" is a name, not an address.
bool is_127(std::string_view host) {
  const char* at = host.data();
  const char* const end = at + host.size();
  for (int octet = 0; octet < 4; ++octet) {
    if (octet > 0) {
      if (at == end || *at != '.') return false;
      ++at;
    }
    std::uint8_t value = 0;
    const auto read = std::from_chars(at, end, value);
    if (read.ec != std::errc() || (octet == 0 && value != 127)) return false;
    at = read.ptr;
  }
  return at == end;
}

std::string_view media_type(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ') || content_type.ends_with('\t')) content_type.remove_suffix(1);
  return content_type;
}

bool is_structured_json(std::string_view type) {
  return type.size() > 17 && iequals(type.substr(0, 12), "application/") &&
         iequals(type.substr(type.size() - 5), "+json");
}

}  // namespace

bool is_loopback(std::string_view host) {
  const std::string_view name = without_port(host);
  return iequals(name, "localhost") || is_127(name) || name == "[::1]";
}

std::optional<Error> forbidden(const Request& request, const Settings& settings) {
  if (const auto origin = request.headers.find(beast_http::field::origin);
      origin != request.headers.end()) {
    const bool allowed = std::ranges::any_of(settings.allowed_origins, [&](const auto& known) {
      return iequals(known, origin->value());
    });
    if (!allowed)
      return Error{Errc::forbidden_origin,
                   "this Origin may not use the daemon; an operator can name it in "
                   "server.allowed_origins"};
  }
  if (!settings.allow_remote && !is_loopback(request.headers[beast_http::field::host]))
    return Error{Errc::forbidden_origin,
                 "Host must be localhost, 127.0.0.0/8 or [::1] unless server.allow_remote is true"};
  return std::nullopt;
}

bool has_json_type(const Request& request, JsonType type) {
  const std::string_view sent = media_type(request.headers[beast_http::field::content_type]);
  return iequals(sent, "application/json") ||
         (type == JsonType::structured && is_structured_json(sent));
}

std::optional<Error> unsupported_body(const Request& request) {
  if (request.body.empty() || has_json_type(request, JsonType::plain)) return std::nullopt;
  const std::string_view sent = media_type(request.headers[beast_http::field::content_type]);
  if (iequals(sent, "application/x-ndjson") || sent.starts_with("application/cloudevents"))
    return Error{Errc::unsupported_media_type,
                 std::string(sent) + " is not taken by this version; send application/json"};
  return Error{Errc::unsupported_media_type, "a body needs Content-Type: application/json"};
}

}  // namespace daybook::http
