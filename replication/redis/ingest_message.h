// What becomes of a message that was published: an event of the Platform, or where it is none an
// event that tells of it. Knows no socket; any thread.
#pragma once

#include <string>
#include <vector>

#include "storage/base/limits.h"
#include "storage/model/command.h"

namespace daybook::redis {

struct IngestMessage {
  std::string channel;
  std::string text;
  std::string refusal;        // why it is no event, for a person; empty: it may be one
  bool without_text = false;  // the event that tells of it does not quote it
};

// One event: the Platform's, with `timestamp` as the time when it occurred; or where there is a
// `refusal`, or it turns out to be none (then `refusal` is set), one of `kRefusedEventType`. That
// one fits into `limits.event_bytes_max` always: where the text is too large it has "message_bytes"
// for "message".
Append read_message(IngestMessage& message, const Limits& limits);

// One append of the events of all, in their order.
Append joined(std::vector<Append> appends);

}  // namespace daybook::redis
