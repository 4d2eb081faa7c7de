// Points in time: microseconds since 1970-01-01T00:00:00Z.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daybook {

struct Timestamp {
  std::int64_t micros = 0;
  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
};

// The wall clock. Never called by `LogWriter`: whoever makes a command stamps it.
Timestamp now();

// RFC 3339 with any offset ("2026-01-24T10:00:00.123456+01:00", `t`, `z` and a space allowed);
// digits beyond microseconds are cut. nullopt for anything else, years outside 0000–9999 included.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

// The same, and also without a zone, which then is UTC (old dialects). A bare date is midnight.
std::optional<Timestamp> parse_naive_utc(std::string_view text);

// Appends "2026-01-24T10:00:00.123456Z", always 27 bytes.
void append_rfc3339(std::string& out, Timestamp time);

}  // namespace daybook
