// What members of queues are sent: leased events, and which leases were refused.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "protocol/json/event_texts.h"
#include "storage/model/event.h"
#include "storage/model/queue.h"

namespace daybook::json {

struct LeasedEvent {
  const EventView& event;
  Attempt attempt = 0;
  std::string_view replay_id;  // empty: of the group itself
  Offset head;                 // when it was read
};

// The event as it is read, with "attempt":N. Of a replay with "replay_id" as well, and with
// `mark_replay`'s metadata.
void append_leased(std::string& out, const LeasedEvent& leased, EventTexts& texts);

// Metadata (JSON text of an object, minified) with "replay":true and "replay_id", which win over
// members of these names that it has; the text of all others stays what it is.
std::string mark_replay(std::string_view metadata, std::string_view replay_id);

// "refused":[{"offset":N,"code":"lease_expired"},…]
void append_refused(std::string& out, std::span<const Offset> refused);

}  // namespace daybook::json
