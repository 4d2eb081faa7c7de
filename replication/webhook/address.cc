#include "replication/webhook/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace daybook::webhook {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;

Address from_v4(std::span<const std::uint8_t, 4> v4) {
  Address address;
  std::ranges::copy(v4, std::ranges::copy(kMapped, address.bytes.begin()).out);
  return address;
}

// Whether the first `bits` are those of `first`.
bool begins_with(const Address& address, const Address& first, unsigned bits) {
  const std::size_t whole = bits / 8;
  const auto rest = static_cast<std::uint8_t>(0xff00U >> (bits % 8));
  return std::equal(address.bytes.begin(), address.bytes.begin() + whole, first.bytes.begin()) &&
         (bits % 8 == 0 || ((address.bytes[whole] ^ first.bytes[whole]) & rest) == 0);
}

// What lies in the space of public addresses and is none.
constexpr std::string_view kSpecial[] = {
    "0.0.0.0/8",        // this network
    "10.0.0.0/8",       // private
    "100.64.0.0/10",    // shared
    "127.0.0.0/8",      // loopback
    "169.254.0.0/16",   // link-local
    "172.16.0.0/12",    // private
    "192.0.0.0/24",     // IETF protocols
    "192.0.2.0/24",     // documentation
    "192.88.99.0/24",   // 6to4 relays
    "192.168.0.0/16",   // private
    "198.18.0.0/15",    // benchmarks
    "198.51.100.0/24",  // documentation
    "203.0.113.0/24",   // documentation
    "224.0.0.0/4",      // multicast
    "240.0.0.0/4",      // reserved, broadcast
    "2001::/23",        // IETF protocols, Teredo and benchmarks among them
    "2001:db8::/32",    // documentation
    "3fff::/20",        // documentation
};

}  // namespace

bool Address::is_v4() const {
  return std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
}

std::string Address::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* from = is_v4() ? bytes.data() + kMapped.size() : bytes.data();
  return inet_ntop(is_v4() ? AF_INET : AF_INET6, from, text.data(), text.size());
}

std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  std::array<std::uint8_t, 4> v4{};
  if (inet_pton(AF_INET, terminated.c_str(), v4.data()) == 1) return from_v4(v4);
  Address address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

bool AddressRange::contains(const Address& address) const {
  return (bits >= kMappedBits || !address.is_v4()) && begins_with(address, first, bits);
}

std::optional<AddressRange> parse_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto first = parse_address(text.substr(0, slash));
  if (!first) return std::nullopt;
  if (slash == std::string_view::npos) return AddressRange{.first = *first};

  const std::string_view digits = text.substr(slash + 1);
  const bool is_v4 = text.find(':') == std::string_view::npos;
  unsigned bits = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (failed != std::errc{} || end != digits.data() + digits.size() || bits > (is_v4 ? 32U : 128U))
    return std::nullopt;
  const AddressRange range{.first = *first, .bits = is_v4 ? kMappedBits + bits : bits};
  for (unsigned bit = range.bits; bit < 128; ++bit)
    if ((first->bytes[bit / 8] & (0x80U >> (bit % 8))) != 0) return std::nullopt;
  return range;
}

bool is_public(const Address& address) {
  static const AddressRange global_unicast = *parse_range("2000::/3");
  static const AddressRange six_to_four = *parse_range("2002::/16");
  static const AddressRange nat64 = *parse_range("64:ff9b::/96");

  const std::span bytes(address.bytes);
  if (six_to_four.contains(address)) return is_public(from_v4(bytes.subspan<2, 4>()));
  if (nat64.contains(address)) return is_public(from_v4(bytes.subspan<12, 4>()));
  if (!address.is_v4() && !global_unicast.contains(address)) return false;
  return std::ranges::none_of(
      kSpecial, [&](std::string_view range) { return parse_range(range)->contains(address); });
}

}  // namespace daybook::webhook
