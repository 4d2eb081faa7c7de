// How long after its acknowledgement an event is seen elsewhere: by a subscriber of Redis, or by a
// query of PostgreSQL.
#pragma once

#include <cstdint>
#include <string>

#include "bench/load/measure.h"

namespace daybook::load {

struct PostingOptions {
  std::uint16_t port = 0;        // of Daybook
  std::uint16_t redis_port = 0;  // either: native messages are on `channel`
  std::string channel = "bench";
  std::string conninfo;  // or: of PostgreSQL, where the projection `postgres` is
  unsigned connections = 32;
  double events_per_second = 1000;  // appended one by one, due at a fixed rate
  double seconds = 5;
};

struct PostingMeasured {
  Measured seen;      // latency: from an append's acknowledgement until it is seen, 0 if before
  Histogram appends;  // from when it was due to its acknowledgement
};

// From one thread, by one clock. The log must not be appended to by others meanwhile.
PostingMeasured measure_posting(const PostingOptions& options);

}  // namespace daybook::load
