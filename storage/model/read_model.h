// A declared read model: which events change which columns of which row.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/model/filter.h"

namespace daybook {

// Where a value comes from: a place in the event as it is read, or a constant.
struct ReadModelValue {
  std::string pointer;   // RFC 6901 into the event ("/payload/name", "/aggregate_id"); or else
  std::string constant;  // JSON text of a string, a number, true, false or null
  std::string truncate;  // of a time: "minute", "hour", "day", "week", "month", "year"; or empty
  friend bool operator==(const ReadModelValue&, const ReadModelValue&) = default;
};

struct ReadModelColumn {
  std::string name;
  std::string type;  // PostgreSQL's: one of a list
  friend bool operator==(const ReadModelColumn&, const ReadModelColumn&) = default;
};

// What an event does to its row. A rule without any change inserts the row where it is missing.
struct ReadModelRule {
  std::vector<std::string> event_types;                           // `*` at the end: a prefix
  std::vector<std::pair<std::string, ReadModelValue>> set;        // the column takes the value
  std::vector<std::pair<std::string, ReadModelValue>> increment;  // by it; a missing row has 0
  std::vector<std::pair<std::string, ReadModelValue>> max;        // keeps the greater; so
  std::vector<std::pair<std::string, ReadModelValue>> min;        // and the lesser
  bool remove = false;                                            // deletes the row
};

struct ReadModel {
  std::string name;   // of the projection
  std::string table;  // what users query: "agents" or "reports.agents"
  std::string aggregate_type;
  std::vector<ReadModelColumn> columns;                     // in the order of the table
  std::vector<std::pair<std::string, ReadModelValue>> key;  // of the row: columns among them
  std::vector<ReadModelRule> rules;                         // all that match an event, in order
};

}  // namespace daybook
