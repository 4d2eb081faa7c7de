// IP addresses and ranges of them, and which addresses are those of a host on the Internet.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daybook::webhook {

// IPv6 in network order. IPv4 is ::ffff:a.b.c.d, so that both spellings of it are one address.
struct Address {
  std::array<std::uint8_t, 16> bytes{};

  bool is_v4() const;
  std::string to_string() const;  // "127.0.0.1", "::1"
  friend auto operator<=>(const Address&, const Address&) = default;
};

// Four decimal numbers, or IPv6 without brackets and zone. nullopt for every other spelling:
// "127.1", "0x7f000001", "2130706433", "0177.0.0.1".
std::optional<Address> parse_address(std::string_view text);

struct AddressRange {
  Address first;
  unsigned bits = 128;  // of the 128 that all its addresses share

  // A range of IPv6 addresses, "::/0" too, contains no IPv4 address.
  bool contains(const Address& address) const;
};

// "10.1.0.0/16", "fd00::/8", or one address. nullopt also where bits behind the prefix are set.
std::optional<AddressRange> parse_range(std::string_view text);

// Whether it may be the address of a public host: global unicast, of no special purpose (IANA's
// registries, RFC 6890). Of an address that carries an IPv4 one (6to4, NAT64) that has to be, too.
bool is_public(const Address& address);

}  // namespace daybook::webhook
