// How long after its own acknowledgement an append is delivered to a member that waits.
#pragma once

#include <cstdint>
#include <string>

#include "bench/load/measure.h"

namespace daybook::load {

struct DeliveryOptions {
  std::uint16_t port = 0;
  std::string group = "bench";
  std::uint64_t events = 1000;
  double interval_seconds = 0.005;  // from one append to the next, at least
};

struct DeliveryMeasured {
  Measured deliveries;  // latency: from the append's acknowledgement to the delivery, 0 if before
  Histogram appends;    // from sending to the acknowledgement
};

// One member over WebSocket, and appends over HTTP, from one thread: the next one when the last was
// delivered. The group has to begin at the head.
DeliveryMeasured measure_delivery(const DeliveryOptions& options);

}  // namespace daybook::load
