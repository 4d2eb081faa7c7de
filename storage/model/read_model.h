// A declared read model: which events change which columns of which row. docs/read-models.md has
// the language, protocol/json/read_projection.h reads it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook {

// Where a value comes from: a place in the event as it is read, or a constant.
struct ReadModelValue {
  std::string pointer;   // RFC 6901 into the event ("/payload/name", "/aggregate_id"); or empty,
  std::string constant;  // and JSON text of a string, a number, true, false or null
  std::string truncate;  // of a time, in UTC: "minute", "hour", "day", … ; empty: as it is
  friend bool operator==(const ReadModelValue&, const ReadModelValue&) = default;
};

struct ReadModelColumn {
  std::string name;
  std::string type;  // PostgreSQL's: one of a list
  friend bool operator==(const ReadModelColumn&, const ReadModelColumn&) = default;
};

// Which row: a value for each column of the key, in the order of the key.
using ReadModelKey = std::vector<std::pair<std::string, ReadModelValue>>;

// Where the event does not have the place that the value names, a change leaves the column alone.
struct ReadModelChange {
  enum class Kind : std::uint8_t {
    set,        // takes the value; null is NULL
    increment,  // by it; null adds nothing
    max,        // keeps the greater; null is lesser than all
    min,        // keeps the lesser; null is greater than all
  };
  Kind kind = Kind::set;
  std::string column;
  ReadModelValue value;
  friend bool operator==(const ReadModelChange&, const ReadModelChange&) = default;
};

std::string_view name(ReadModelChange::Kind kind);

// What an event does to its row, which is made where it is missing: also by a rule without changes.
struct ReadModelRule {
  std::vector<std::string> event_types;  // one of them; `*` at the end: a prefix
  ReadModelKey key;                      // with the columns of the model's; empty: the model's
  std::vector<ReadModelChange> changes;  // by kind, then by column; each column once
  bool remove = false;                   // deletes the row, and changes nothing
  friend bool operator==(const ReadModelRule&, const ReadModelRule&) = default;
};

struct ReadModel {
  std::string name;                      // of the projection
  std::string table;                     // what users query: "agents" or "reports.agents"
  std::string aggregate_type;            // empty: any
  std::vector<ReadModelColumn> columns;  // in the order of the table
  ReadModelKey key;
  std::vector<ReadModelRule> rules;  // all that match an event, in this order

  const ReadModelColumn* find(std::string_view column) const;
  friend bool operator==(const ReadModel&, const ReadModel&) = default;
};

}  // namespace daybook
