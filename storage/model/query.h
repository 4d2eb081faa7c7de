// What can be read, and what comes back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/ids.h"
#include "storage/base/time.h"
#include "storage/model/event.h"
#include "storage/model/filter.h"

namespace daybook {

enum class Order : std::uint8_t { ascending, descending };

// Both ends inclusive.
struct TimeRange {
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
  bool asks_nothing() const { return !from && !to; }
  bool contains(Timestamp t) const { return (!from || *from <= t) && (!to || t <= *to); }
};

struct Query {
  Filter filter;
  Order order = Order::ascending;
  Offset after;               // ascending: offsets greater than this
  Offset before = kEndOfLog;  // descending: offsets lower than this
  TimeRange recorded;
  TimeRange occurred;
  std::uint32_t limit = 100;
  bool skip_trimmed = false;  // below the floor: go on at the floor instead of `trimmed`
};

// Which way a page was found: for `explain=true`.
struct Explain {
  std::string index;  // "log", "event_type", "aggregate", …
  std::string term;
  std::uint64_t candidates = 0;  // events looked at
};

// A bounded page. `keep_alive` owns what the views point into.
struct Page {
  std::vector<EventView> events;
  // Where to go on (`after` ascending, `before` descending): also when `events` is short or empty.
  // nullopt: the end was reached.
  std::optional<Offset> next;
  Offset examined;  // ascending: the filter was applied to everything up to here
  Offset head;
  Explain explain;
  std::vector<std::shared_ptr<const void>> keep_alive;
};

// The events of one aggregate.
struct AggregateQuery {
  std::string aggregate_type;
  std::string aggregate_id;
  Order order = Order::ascending;
  Sequence after;                      // sequences greater than this
  Sequence before{~std::uint64_t{0}};  // and lower than this
  std::uint32_t limit = 100;
};

struct AggregateInfo {
  std::string aggregate_type;
  std::string aggregate_id;
  Sequence sequence;
  Offset first_offset;
  Offset last_offset;
  Timestamp created_at;
  Timestamp updated_at;
};

struct AggregateListQuery {
  std::string aggregate_type;  // empty: all
  std::string after;           // cursor of the page before
  std::uint32_t limit = 100;
};

struct AggregateList {
  std::vector<AggregateInfo> aggregates;  // by type, then id, in byte order
  std::optional<std::string> next;
  Offset head;
};

}  // namespace daybook
