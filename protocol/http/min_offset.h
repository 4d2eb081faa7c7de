// `Daybook-Min-Offset`: answer from a view that has reached an offset, or `not_yet` when
// `Daybook-Wait-Ms` (default 5000) is over.
#pragma once

#include <chrono>

#include "protocol/http/call.h"

namespace daybook::http {

bool asks_min_offset(const Request& request);

struct MinOffset {
  Offset offset;
  std::chrono::milliseconds wait;
};
Result<MinOffset> read_min_offset(const Request& request);

// Of the log.
Awaitable<Result<void>> reach_min_offset(const Call& call);

}  // namespace daybook::http
