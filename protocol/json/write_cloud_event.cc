// See write_cloud_event.h.
#include "protocol/json/write_cloud_event.h"

#include "protocol/json/escape.h"

namespace daybook::json {
namespace {

// Attributes have no empty text: it means that there is none.
void append_if_any(std::string& out, std::string_view before, std::string_view text) {
  if (!text.empty()) append_member(out, before, text);
}

// CloudEvents knows integers of 32 bits only.
void append_number_text(std::string& out, std::string_view before, std::uint64_t number) {
  append_member(out, before, std::to_string(number));
}

// The extension `sequence` is compared as text: as many digits as the largest offset has.
void append_sequence(std::string& out, Offset offset) {
  constexpr std::size_t kDigits = 20;
  const std::string digits = std::to_string(offset.value);
  append_member(out, R"(,"sequence":)", std::string(kDigits - digits.size(), '0') + digits);
}

void append_tags(std::string& out, const TagViews& tags) {
  if (tags.empty()) return;
  std::string list;
  for (const std::string_view tag : tags) {
    list += list.empty() ? '[' : ',';
    append_string(list, tag);
  }
  append_member(out, R"(,"tags":)", list + ']');
}

// JSON text of a string, or its text as it is: `"2.0"` is 2.0, and `1` is 1.
std::string_view unquoted(std::string_view json) {
  return json.starts_with('"') ? json.substr(1, json.size() - 2) : json;
}

}  // namespace

void append_cloud_event(std::string& out, const EventView& event,
                        const CloudEventDelivery& delivery) {
  out += R"({"specversion":"1.0")";
  append_member(out, R"(,"id":)", event.id.to_string());
  append_member(out, R"(,"source":)", delivery.source);
  append_member(out, R"(,"type":)", event.event_type);
  append_member(out, R"(,"subject":)", event.aggregate_id);
  append_member(out, R"(,"time":)", event.occurred_at);
  append_member(out, R"(,"recordedtime":)", event.recorded_at);
  append_sequence(out, event.offset);
  append_number_text(out, R"(,"offset":)", event.offset.value);
  append_member(out, R"(,"aggregatetype":)", event.aggregate_type);
  append_member(out, R"(,"aggregateid":)", event.aggregate_id);
  append_number_text(out, R"(,"aggregatesequence":)", event.sequence.value);
  // Escapes of a quoted version stay escapes: it is copied, not decoded.
  out += R"(,"schemaversion":")";
  out += unquoted(event.schema_version);
  out += '"';
  append_if_any(out, R"(,"correlationid":)", event.correlation_id);
  append_if_any(out, R"(,"causationid":)", event.causation_id);
  append_tags(out, event.tags);
  if (event.metadata != "{}") append_if_any(out, R"(,"metadata":)", event.metadata);
  append_member(out, R"(,"group":)", delivery.group);
  append_member(out, R"(,"attempt":)", delivery.attempt);
  append_if_any(out, R"(,"replayid":)", delivery.replay_id);
  out += R"(,"datacontenttype":"application/json","data":)";
  out += event.payload;
  out += '}';
}

}  // namespace daybook::json
