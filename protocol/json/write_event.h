// An event as it is read: {"offset":…,"id":…,…,"recorded_at":…}.
#pragma once

#include <span>
#include <string>

#include "storage/model/event.h"

namespace daybook::json {

// Payload and metadata are copied as they are: they are JSON text already.
void append_event(std::string& out, const EventView& event);

// "[…,…]"
void append_events(std::string& out, std::span<const EventView> events);

}  // namespace daybook::json
