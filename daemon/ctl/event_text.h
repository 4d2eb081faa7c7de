// One event, made from arguments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/base/result.h"

namespace daybook::ctl {

struct AggregateName {
  std::string type;
  std::string id;
};

// "agent/agent-123": the first slash parts type and id; the id may have more.
Result<AggregateName> parse_aggregate(std::string_view text);

struct EventArguments {
  std::string type;
  std::string aggregate;       // TYPE/ID
  std::string payload;         // JSON text; empty: left out
  std::string metadata;        // JSON text; empty: left out
  std::string id;              // empty: the daemon makes one
  std::string schema_version;  // a number stays one; empty: left out
  std::string correlation_id;
  std::string causation_id;
  std::string occurred_at;
  std::string expected_sequence;  // 7, none, exists or any; empty: left out
  std::vector<std::string> tags;
};

// The event as JSON, payload and metadata as they were given. Fails with bad_value.
Result<std::string> to_event(const EventArguments& arguments);

}  // namespace daybook::ctl
