#include "replication/webhook/destinations.h"

#include <algorithm>

namespace daybook::webhook {
namespace {

struct Parted {
  std::string_view host;
  std::string_view port;  // with its colon; empty: none
};

Parted part(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {.host = text, .port = {}};  // No host is like it.
    return {.host = text.substr(1, end - 1), .port = text.substr(end + 1)};
  }
  const std::size_t colon = text.find(':');
  const bool is_v6 = colon != text.rfind(':');
  if (is_v6 || colon == std::string_view::npos) return {.host = text, .port = {}};
  return {.host = text.substr(0, colon), .port = text.substr(colon)};
}

}  // namespace

bool Destinations::Entry::names(const Url& url) const {
  return !name.empty() && has_port(url) && !url.address &&
         (name.starts_with('.') ? url.host.ends_with(name) : url.host == name);
}

std::optional<Destinations::Entry> Destinations::parse_entry(std::string_view text) {
  const Parted parted = part(text);
  Entry entry;
  if (!parted.port.empty()) {
    entry.port = parse_port(parted.port.substr(1));
    if (!entry.port || parted.port.front() != ':') return std::nullopt;
  }
  entry.range = parse_range(parted.host);
  if (entry.range) return entry;
  if (text.starts_with('[')) return std::nullopt;
  const bool is_wildcard = parted.host.starts_with("*.");
  entry.name = lower_case(parted.host.substr(is_wildcard ? 1 : 0));
  const std::string_view name = entry.name;
  if (!is_host_name(name.substr(is_wildcard ? 1 : 0))) return std::nullopt;
  return entry;
}

Result<Destinations> Destinations::parse(const std::vector<std::string>& entries) {
  Destinations out;
  for (const std::string& text : entries) {
    auto entry = parse_entry(text);
    if (!entry)
      return Error{Errc::bad_value, '"' + text +
                                        "\" is not a host to push to, like hooks.example.com, "
                                        "*.example.org, 10.1.0.0/16 or 127.0.0.1:9000"};
    out.entries_.push_back(std::move(*entry));
  }
  return out;
}

Result<Url> Destinations::check(std::string_view text) const {
  auto url = parse_url(text);
  if (!url) return url;
  // A name that is not listed may still have an address in a range that is.
  const bool may_be_allowed =
      url->address ? allows(*url, *url->address)
                   : std::ranges::any_of(entries_, [&](const Entry& entry) {
                       return entry.names(*url) || (entry.range && entry.has_port(*url));
                     });
  if (may_be_allowed) return url;
  return Error{Errc::bad_value, "the configuration's webhook.allow does not name " +
                                    url->authority() + ": nothing may be pushed there"};
}

bool Destinations::allows(const Url& url, const Address& address) const {
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    if (entry.range) return entry.has_port(url) && entry.range->contains(address);
    return entry.names(url) && is_public(address);
  });
}

}  // namespace daybook::webhook
