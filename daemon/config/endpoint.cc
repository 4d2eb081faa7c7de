// Reads "address:port".
#include "daemon/config/endpoint.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace daybook::config {
namespace {

Error refused(std::string_view text, const char* why) {
  return Error{Errc::bad_value, '"' + std::string(text) + "\" " + why};
}

bool is_v4(const std::string& address, bool& is_loopback) {
  in_addr parsed{};
  if (inet_pton(AF_INET, address.c_str(), &parsed) != 1) return false;
  is_loopback = (ntohl(parsed.s_addr) >> 24) == 127;
  return true;
}

bool is_v6(const std::string& address, bool& is_loopback) {
  in6_addr parsed{};
  if (inet_pton(AF_INET6, address.c_str(), &parsed) != 1) return false;
  is_loopback = std::memcmp(&parsed, &in6addr_loopback, sizeof parsed) == 0;
  return true;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refused(text, "has no port");
  const std::string_view port = text.substr(colon + 1);
  std::string host(text.substr(0, colon));
  if (host.find('\0') != std::string::npos) return refused(text, "is not an address");

  Endpoint endpoint;
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (failed != std::errc{} || end != port.data() + port.size())
    return refused(text, "has no port from 0 to 65535");

  if (host == "localhost") host = "127.0.0.1";
  const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (has_brackets) host = host.substr(1, host.size() - 2);
  const bool is_address =
      has_brackets ? is_v6(host, endpoint.is_loopback) : is_v4(host, endpoint.is_loopback);
  if (!is_address)
    return refused(text, "is not an IP address with a port, like 127.0.0.1:8011 or [::1]:8011");
  endpoint.address = std::move(host);
  return endpoint;
}

}  // namespace daybook::config
