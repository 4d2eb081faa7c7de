// The parameters of `GET /v1/events`.
#pragma once

#include "protocol/http/call.h"
#include "protocol/http/parameters.h"

namespace daybook::http {

struct ReadEvents {
  Query query;
  bool explain = false;
  bool has_limit = false;
};

// `before` alone asks for descending order; `after` goes with ascending, `before` with descending.
Result<ReadEvents> read_events_parameters(const Call& call);

// The same for a live tail: ascending, without limit or explain. `Last-Event-ID` wins over `after`.
Result<Query> read_tail_parameters(const Call& call);

// The filter's parameters, which the caller has among those it knows.
Filter read_filter(Parameters& parameters);

}  // namespace daybook::http
