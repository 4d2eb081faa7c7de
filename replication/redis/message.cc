#include "replication/redis/message.h"

#include <string_view>

#include "protocol/json/escape.h"
#include "protocol/json/platform.h"
#include "protocol/json/write_event.h"
#include "replication/redis/python_json.h"

namespace daybook::redis {
namespace {

void append_legacy_event(std::string& out, const EventView& event) {
  out += R"({"event_type": )";
  append_python_string(out, event.event_type);
  out += R"(, "aggregate_type": )";
  append_python_string(out, event.aggregate_type);
  out += R"(, "aggregate_id": )";
  append_python_string(out, event.aggregate_id);
  out += R"(, "payload": )";
  append_python_json(out, event.payload);
  out += R"(, "metadata": )";
  append_python_json(out, event.metadata);
  out += R"(, "timestamp": ")";
  json::append_naive_time(out, event.recorded_at);
  out += "\"}";
}

}  // namespace

void append_message(std::string& out, MessageForm form, const EventView& event,
                    const std::optional<Place>& place) {
  switch (form) {
    case MessageForm::full: json::append_platform_event(out, event); break;
    case MessageForm::legacy: append_legacy_event(out, event); break;
    case MessageForm::native: json::append_event(out, event); break;
  }
  if (!place) return;
  const bool spaced = form == MessageForm::legacy;
  out.pop_back();
  if (form != MessageForm::native)
    json::append_member(out, spaced ? R"(, "offset": )" : R"(,"offset":)", place->offset.value);
  json::append_member(out, spaced ? R"(, "previous_offset": )" : R"(,"previous_offset":)",
                      place->previous.value);
  out += '}';
}

}  // namespace daybook::redis
