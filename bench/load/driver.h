// Drives one protocol over N connections from one thread: as a closed loop (each connection sends
// again when it is answered) or as an open loop (requests are due at a fixed rate, and a late one
// counts from when it was due).
#pragma once

#include <cstdint>
#include <functional>

#include "bench/load/exchange.h"
#include "bench/load/measure.h"

namespace daybook::load {

struct DriverOptions {
  std::uint16_t port = 0;
  unsigned connections = 64;
  unsigned in_flight = 1;  // per connection; closed loop only
  unsigned events_per_request = 1;
  double requests_per_second = 0;  // 0: closed loop
  Bounds bounds;
  std::function<void()> connected = [] {};  // called once all connections are there
};

// Throws where a server cannot be reached or speaks another protocol.
Measured drive(const DriverOptions& options, const MakeExchange& make);

}  // namespace daybook::load
