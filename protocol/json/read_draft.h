// One event of an append's body.
#pragma once

#include "protocol/json/values.h"
#include "storage/base/limits.h"
#include "storage/model/command.h"

namespace daybook::json {

// Reads the event at `in`. Where it names no correlation or causation, those of its metadata hold.
Refusal read_draft(Values& in, const Limits& limits, Draft& draft);

// Takes correlation and causation from the draft's metadata, where it has none of its own: from
// `correlation_id`, else `correlationId`; only strings that are names count.
void fill_from_metadata(Draft& draft, Text& text);

// Payload and metadata together against `limits.event_bytes_max`.
Refusal check_event_bytes(const Draft& draft, const Limits& limits);

}  // namespace daybook::json
