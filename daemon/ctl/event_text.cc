// Puts arguments into an event's members; the daemon checks what they say.
#include "daemon/ctl/event_text.h"

#include "daemon/ctl/json_object.h"
#include "daemon/ctl/raw_json.h"

namespace daybook::ctl {
namespace {

Error not_json(const char* option) {
  return Error{Errc::bad_value, std::string(option) + " must be one JSON value, like '{\"a\":1}'"};
}

}  // namespace

Result<AggregateName> parse_aggregate(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == text.size())
    return Error{Errc::bad_value, "an aggregate is written TYPE/ID, like agent/agent-123"};
  return AggregateName{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

Result<std::string> to_event(const EventArguments& arguments) {
  const auto aggregate = parse_aggregate(arguments.aggregate);
  if (!aggregate) return aggregate.error();

  JsonObject members;
  members.add("event_type", to_json(arguments.type));
  members.add("aggregate_type", to_json(aggregate->type));
  members.add("aggregate_id", to_json(aggregate->id));
  if (!members.add_json("payload", arguments.payload)) return not_json("--payload");
  if (!members.add_json("metadata", arguments.metadata)) return not_json("--metadata");
  members.add_text("id", arguments.id);
  members.add_number_or_text("schema_version", arguments.schema_version);
  members.add_text("correlation_id", arguments.correlation_id);
  members.add_text("causation_id", arguments.causation_id);
  members.add_text("occurred_at", arguments.occurred_at);
  members.add_number_or_text("expected_sequence", arguments.expected_sequence);
  members.add_texts("tags", arguments.tags);
  return members.finish();
}

}  // namespace daybook::ctl
