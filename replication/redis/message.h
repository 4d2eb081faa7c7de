// What is published of an event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/base/ids.h"
#include "storage/model/event.h"

namespace daybook::redis {

enum class MessageForm : std::uint8_t {
  full,    // the Platform's event of eight members, on `events:{aggregate_type}`
  legacy,  // the six members of `l01:events`, spaced and escaped as Python's json.dumps does
  native,  // the event as the API reads it, on channels of the configuration
};

// Where a message stands in its channel. `previous`: offset of the message before it there; 0: it
// is the first.
struct Place {
  Offset offset;
  Offset previous;
};

// With a place it has two more members, "offset" (`native` has that one itself) and
// "previous_offset".
void append_message(std::string& out, MessageForm form, const EventView& event,
                    const std::optional<Place>& place);

}  // namespace daybook::redis
