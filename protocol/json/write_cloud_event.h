// An event as CloudEvents 1.0 in JSON, structured mode: what is pushed to HTTP endpoints.
#pragma once

#include <string>
#include <string_view>

#include "storage/model/event.h"
#include "storage/model/queue.h"

namespace daybook::json {

// What a delivery adds to its event.
struct CloudEventDelivery {
  std::string_view source;  // a URI
  std::string_view group;
  Attempt attempt = 0;
  std::string_view replay_id;  // empty: none
};

// protocol/HTTP.md lists the attributes. The payload is `data`, copied as it is. Extension
// attributes of CloudEvents are no objects: metadata and tags are JSON text in a string.
void append_cloud_event(std::string& out, const EventView& event,
                        const CloudEventDelivery& delivery);

}  // namespace daybook::json
