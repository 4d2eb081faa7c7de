// See write_event.h.
#include "protocol/json/write_event.h"

#include "protocol/json/escape.h"

namespace daybook::json {
namespace {

void append_id(std::string& out, const EventId& id) {
  if (!id.server_made()) {
    append_string(out, id.text);
    return;
  }
  out += '"';
  id.append_to(out);
  out += '"';
}

void append_tags(std::string& out, const TagViews& tags) {
  char before = '[';
  for (const std::string_view tag : tags) {
    out += before;
    append_string(out, tag);
    before = ',';
  }
  out += tags.empty() ? "[]" : "]";
}

}  // namespace

void append_event(std::string& out, const EventView& event) {
  append_member(out, R"({"offset":)", event.offset.value);
  out += R"(,"id":)";
  append_id(out, event.id);
  append_member(out, R"(,"aggregate_type":)", event.aggregate_type);
  append_member(out, R"(,"aggregate_id":)", event.aggregate_id);
  append_member(out, R"(,"sequence":)", event.sequence.value);
  append_member(out, R"(,"event_type":)", event.event_type);
  out += R"(,"schema_version":)";
  out += event.schema_version;
  out += R"(,"tags":)";
  append_tags(out, event.tags);
  out += R"(,"correlation_id":)";
  append_string_or_null(out, event.correlation_id);
  out += R"(,"causation_id":)";
  append_string_or_null(out, event.causation_id);
  out += R"(,"payload":)";
  out += event.payload;
  out += R"(,"metadata":)";
  out += event.metadata;
  append_member(out, R"(,"occurred_at":)", event.occurred_at);
  append_member(out, R"(,"recorded_at":)", event.recorded_at);
  out += '}';
}

void append_events(std::string& out, std::span<const EventView> events) {
  out += '[';
  for (const EventView& event : events) {
    append_event(out, event);
    out += ',';
  }
  if (!events.empty()) out.pop_back();
  out += ']';
}

}  // namespace daybook::json
