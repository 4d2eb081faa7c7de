// An event as it is read. Views point into memory that the page they came in keeps alive.
#pragma once

#include <array>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/ids.h"
#include "storage/base/time.h"

namespace daybook {

// XXH3-128 of what the client sent: tells a repeat of an event from a reuse of its id.
struct Digest {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend constexpr bool operator==(const Digest&, const Digest&) = default;
};

// An id is what the client chose, or a UUIDv7 that the server made (then `text` is empty).
struct EventId {
  std::string_view text;
  std::array<std::uint8_t, 16> uuid{};

  bool server_made() const { return text.empty(); }
  void append_to(std::string& out) const;
  std::string to_string() const;
};

// Most events have few tags: these need no allocation.
using TagViews = boost::container::small_vector<std::string_view, 4>;

struct EventView {
  Offset offset;
  Sequence sequence;
  std::string_view id_space;  // "" natively; one per old dialect
  EventId id;
  std::string_view aggregate_type;
  std::string_view aggregate_id;
  std::string_view event_type;
  std::string_view schema_version;  // JSON text: 1 or "2.0"
  std::string_view correlation_id;  // empty: none
  std::string_view causation_id;    // empty: none
  std::string_view payload;         // JSON text as the client sent it, minified
  std::string_view metadata;        // JSON text of an object
  std::string_view principal;
  Timestamp occurred_at;
  Timestamp recorded_at;
  Digest digest;
  std::uint32_t batch_index = 0;  // place in the append that brought it
  TagViews tags;
};

}  // namespace daybook
