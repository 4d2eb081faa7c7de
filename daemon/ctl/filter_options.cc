// Flags to GET parameters, or to JSON.
#include "daemon/ctl/filter_options.h"

#include <CLI/CLI.hpp>

#include "daemon/ctl/context.h"
#include "daemon/ctl/event_text.h"
#include "daemon/ctl/json_object.h"

namespace daybook::ctl {

void FilterOptions::add_to(CLI::App& command) {
  auto* both = command.add_option("--aggregate", aggregate, "Events of this aggregate: TYPE/ID");
  command.add_option("--aggregate-type", aggregate_type, "Events of aggregates of this type")
      ->excludes(both);
  command
      .add_option("--type", event_types,
                  "Events of this type, or of any that begins so with a * behind; repeats (or)")
      ->allow_extra_args(false);
  command.add_option("--tag", tags, "Events with this tag; repeats (and)")->allow_extra_args(false);
  command.add_option("--correlation-id", correlation_id, "Events with this correlation id");
  command.add_option("--causation-id", causation_id, "Events with this causation id");
}

Parameters FilterOptions::parameters() const {
  Parameters out;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) out.emplace_back(name, value);
  };
  if (!aggregate.empty()) {
    const auto name = parse_aggregate(aggregate);
    if (!name) throw Failure(Exit::usage, name.error().detail);
    add("aggregate_type", name->type);
    add("aggregate_id", name->id);
  }
  add("aggregate_type", aggregate_type);
  for (const std::string& type : event_types) add("event_type", type);
  for (const std::string& tag : tags) add("tag", tag);
  add("correlation_id", correlation_id);
  add("causation_id", causation_id);
  return out;
}

std::string FilterOptions::to_json() const {
  JsonObject object;
  for (const auto& [name, value] : parameters())
    if (name != "event_type" && name != "tag") object.add_text(name, value);
  object.add_texts("event_types", event_types);
  object.add_texts("tags", tags);
  return object.finish();
}

}  // namespace daybook::ctl
