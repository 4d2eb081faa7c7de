// The one filter: queries, subscriptions, groups and conditions all ask with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/model/event.h"

namespace daybook {

// "agent.created" matches itself, "agent.*" every type that begins with "agent.".
bool type_matches(std::string_view pattern, std::string_view event_type);

struct FilterItem {
  std::vector<std::string> event_types;  // OR; empty: any
  std::vector<std::string> tags;         // AND
  friend bool operator==(const FilterItem&, const FilterItem&) = default;
};

// Members are AND, an empty member asks nothing. Names are at least one byte long, so an empty
// string is "not asked".
struct Filter {
  std::string aggregate_type;
  std::string aggregate_id;
  std::vector<std::string> event_types;  // OR; may end in `*`
  std::vector<std::string> tags;         // AND
  std::string correlation_id;
  std::string causation_id;
  std::vector<FilterItem> items;  // OR

  bool asks_nothing() const { return *this == Filter{}; }
  bool matches(const EventView& event) const;
  friend bool operator==(const Filter&, const Filter&) = default;
};

}  // namespace daybook
