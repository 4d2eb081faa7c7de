// Where the operator lets deliveries be pushed to: the list `webhook.allow` of the configuration.
//
//   hooks.example.com   this host
//   *.example.org       every host below it, at any depth
//   10.1.0.0/16         every address in this range; one address is a range, too
//   127.0.0.1:9000      and only this port; behind any of the above, IPv6 in brackets then
//
// A host that is allowed by its name is one of the Internet: addresses that are not public (see
// `is_public`) have to be named as such, because whoever owns a name decides what it resolves to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replication/webhook/address.h"
#include "replication/webhook/url.h"
#include "storage/base/result.h"

namespace daybook::webhook {

class Destinations {
 public:
  // Nothing is allowed.
  Destinations() = default;

  // Fails with bad_value naming the entry.
  static Result<Destinations> parse(const std::vector<std::string>& entries);

  // Reads a URL. Fails with bad_value, for a person, where it is none, or where none of the
  // addresses that its host may have is allowed.
  Result<Url> check(std::string_view url) const;

  // Whether a connection to this address, which the URL's host has, is allowed.
  bool allows(const Url& url, const Address& address) const;

 private:
  struct Entry {
    std::string name;                   // ".example.org": all below it. Empty: it is a range
    std::optional<AddressRange> range;  // empty: it is a name
    std::optional<std::uint16_t> port;

    bool names(const Url& url) const;
    bool has_port(const Url& url) const { return !port || *port == url.port; }
  };
  static std::optional<Entry> parse_entry(std::string_view text);

  std::vector<Entry> entries_;
};

}  // namespace daybook::webhook
