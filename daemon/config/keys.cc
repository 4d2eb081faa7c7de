// The table itself: every key on one screen.
#include "daemon/config/keys.h"

#include <algorithm>
#include <cctype>

#include "daemon/config/edit_distance.h"
#include "daemon/config/endpoint.h"
#include "daemon/config/redis_keys.h"
#include "replication/postgres/target.h"
#include "replication/webhook/destinations.h"

namespace daybook::config {
namespace {

constexpr std::size_t kKiB = 1 << 10;
constexpr std::size_t kMiB = 1 << 20;
constexpr std::size_t kGiB = 1 << 30;
constexpr std::size_t kTiB = kGiB << 10;

constexpr std::string_view kOrderNames[] = {"asc", "desc"};
constexpr std::string_view kStartNames[] = {"checkpoint", "now"};

std::string endpoint_refusal(const std::string& text) {
  const auto endpoint = parse_endpoint(text);
  return endpoint ? "" : endpoint.error().detail;
}

// An origin as browsers send it: scheme://host[:port], lower case, nothing behind it (RFC 6454).
std::string origin_refusal(const std::string& text) {
  const std::size_t colon = text.find("://");
  const bool has_scheme = colon != std::string::npos && colon > 0;
  const std::string_view host =
      has_scheme ? std::string_view(text).substr(colon + 3) : std::string_view();
  const auto is_bad = [](unsigned char c) { return c <= 0x20 || c >= 0x7F || std::isupper(c); };
  if (host.empty() || host.find_first_of("/?#*@") != std::string_view::npos ||
      std::any_of(text.begin(), text.end(), is_bad))
    return "it is not an origin like http://localhost:3000";
  return "";
}

std::string empty_refusal(const std::string& text) {
  return text.empty() ? "it is empty" : "";
}
std::string no_refusal(const std::string&) {
  return "";
}

std::string destination_refusal(const std::string& text) {
  const auto parsed = webhook::Destinations::parse({text});
  return parsed ? "" : parsed.error().detail;
}

// CloudEvents want a URI reference: what is no visible ASCII would have to be encoded.
std::string source_refusal(const std::string& text) {
  const auto is_bad = [](unsigned char c) { return c <= 0x20 || c >= 0x7F; };
  return std::any_of(text.begin(), text.end(), is_bad) ? "it is not a URI" : "";
}

std::string target_refusal(const std::string& text) {
  const auto checked = postgres::check_target(text);
  return checked ? "" : checked.error().detail;
}

// The accessor of a field, for the table.
#define AT(field) [](Config& c) -> decltype(auto) { return (c.field); }
// The two accessors of a field that is an enum.
#define ENUM(field)                                                  \
  [](const Config& c) { return static_cast<std::size_t>(c.field); }, \
      [](Config& c, std::size_t i) { c.field = static_cast<decltype(c.field)>(i); }

const Key kKeys[] = {
    {"server.listen", "host:port",
     List{AT(server.listen), endpoint_refusal, "1 to 16, loopback unless allow_remote", 1, 16}},
    {"server.allow_remote", "-", Flag{AT(server.allow_remote)}},
    {"server.allowed_origins", "scheme://host[:port]",
     List{AT(server.allowed_origins), origin_refusal, "up to 64 entries", 0, 64}, true},
    {"server.io_threads", "threads, 0 = choose", Count{AT(server.io_threads), 0, 256}},
    {"server.read_threads", "threads, 0 = choose", Count{AT(server.read_threads), 0, 256}},

    {"storage.data_dir", "path", Text{AT(storage.data_dir), empty_refusal, "not empty"}},
    {"storage.reserve_bytes", "bytes", Bytes{AT(storage.reserve_bytes), kMiB, 64 * kTiB}},
    {"storage.window_bytes", "bytes", Bytes{AT(storage.window_bytes), 4 * kMiB, 64 * kGiB}},
    {"storage.cache_bytes", "bytes", Bytes{AT(storage.cache_bytes), kMiB, kTiB}},
    {"storage.scrub_bytes_per_second", "bytes per second, 0 = off",
     Bytes{AT(storage.scrub_bytes_per_second), 0, kGiB}},

    {"limits.body_bytes_max", "bytes", Bytes{AT(limits.body_bytes_max), kKiB, 256 * kMiB}, true},
    {"limits.event_bytes_max", "bytes", Bytes{AT(limits.event_bytes_max), kKiB, 16 * kMiB}, true},
    {"limits.batch_events_max", "events", Count{AT(limits.batch_events_max), 1, 100'000}, true},
    {"limits.tags_max", "tags per event", Count{AT(limits.tags_max), 0, limits::tags_max_ever},
     true},
    {"limits.json_depth_max", "levels", Count{AT(limits.json_depth_max), 1, 1024}, true},
    {"limits.page_events_max", "events", Count{AT(limits.page_events_max), 1, 100'000}, true},
    {"limits.condition_postings", "postings", Count{AT(limits.condition_postings), 1, 100'000'000}},

    {"groups.stall_seconds", "seconds", Count{AT(groups.stall_seconds), 1, 3600}},

    {"log.level", "-", Choice{log::kLevelNames, ENUM(log.level)}, true},
    {"log.format", "-", Choice{log::kFormatNames, ENUM(log.format)}, true},
    {"log.file", "path, empty = standard error", Text{AT(log.file), no_refusal, "any path"}},

    {"platform.order", "-", Choice{kOrderNames, ENUM(platform.order)}, true},
    {"platform.lenient", "-", Flag{AT(platform.lenient)}, true},

    {"postgres.url", "URL or keywords, empty = none",
     Secret{AT(postgres.url), target_refusal, postgres::masked_target,
            "a connection string of libpq"},
     true},
    {"postgres.page_events", "events", Count{AT(postgres.page_events), 1, 100'000}},

    {"redis.url", "URL, empty = none",
     Secret{AT(redis.url), redis_url_refusal, masked_redis_url, "a URL of Redis"}, true},
    {"redis.legacy_channel", "channel name, empty = none",
     Text{AT(redis.legacy_channel), channel_refusal, "up to 255 bytes, no braces"}},
    {"redis.envelope", "-", Flag{AT(redis.envelope)}},
    {"redis.channels", "template",
     List{AT(redis.channels), template_refusal, "up to 16 templates", 0, 16}},
    {"redis.start", "-", Choice{kStartNames, ENUM(redis.start)}},
    {"redis.stream", "template, empty = off", Text{AT(redis.stream), stream_refusal, "a template"}},
    {"redis.stream_length_max", "entries, 0 = no bound", Count{AT(redis.stream_length_max)}},
    {"redis.stream_age_max_seconds", "seconds, 0 = no bound",
     Count{AT(redis.stream_age_max_seconds), 0, 100 * 366 * 24 * 3600ULL}},
    {"redis.ca_file", "path, empty = none", Text{AT(redis.ca_file), no_refusal, "any path"}},
    {"redis.ingest", "pattern",
     List{AT(redis.ingest), pattern_refusal, "up to 64 patterns of PSUBSCRIBE", 0, 64}},

    {"webhook.allow", "host[:port]",
     List{AT(webhook.allow), destination_refusal,
          "up to 1000 names, *.names, addresses or ranges of them", 0, 1000}},
    {"webhook.source", "URI, empty = urn:daybook: and the log's id",
     Text{AT(webhook.source), source_refusal, "a URI"}},
    {"webhook.ca_file", "path, empty = none", Text{AT(webhook.ca_file), no_refusal, "any path"}},
};

#undef AT
#undef ENUM

}  // namespace

std::span<const Key> keys() {
  return kKeys;
}

const Key* find_key(std::string_view name) {
  const auto found = std::ranges::find(kKeys, name, &Key::name);
  return found == std::end(kKeys) ? nullptr : found;
}

const Key& nearest_key(std::string_view name) {
  return *std::ranges::min_element(kKeys, {},
                                   [&](const Key& key) { return edit_distance(name, key.name); });
}

std::string Key::variable() const {
  std::string out = "DAYBOOK_";
  for (const char c : name)
    out += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace daybook::config
