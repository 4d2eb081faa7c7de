// The Platform's event: 8 members in a fixed order, times without a zone.
#include "protocol/json/escape.h"
#include "protocol/json/platform.h"
#include "protocol/json/platform_version.h"

namespace daybook::json {

void append_naive_time(std::string& out, Timestamp time) {
  constexpr std::string_view kNoFraction = ".000000Z";
  append_rfc3339(out, time);
  const bool whole = std::string_view(out).ends_with(kNoFraction);
  out.resize(out.size() - (whole ? kNoFraction.size() : 1));
}

void append_platform_event(std::string& out, const EventView& event) {
  out += R"({"id":)";
  append_string(out, event.id.to_string());
  out += R"(,"event_type":)";
  append_string(out, event.event_type);
  out += R"(,"aggregate_type":)";
  append_string(out, event.aggregate_type);
  out += R"(,"aggregate_id":)";
  append_string(out, event.aggregate_id);
  out += R"(,"payload":)";
  out += event.payload;
  out += R"(,"metadata":)";
  out += event.metadata;
  out += R"(,"created_at":")";
  append_naive_time(out, event.recorded_at);
  out += R"(","version":)";
  out += shown_version(event.schema_version);
  if (event.aggregate_type == lenient_aggregate_type) {
    out += R"(,"source":)";
    append_string(out, event.aggregate_id);
  }
  out += '}';
}

}  // namespace daybook::json
