// Reads the log forward over one WebSocket subscription with credits, as fast as it comes.
#pragma once

#include <cstdint>
#include <string>

#include "bench/load/measure.h"

namespace daybook::load {

struct WsReadOptions {
  std::uint16_t port = 0;
  std::string path = "/v1/ws";
  std::uint64_t after = 0;
  std::uint64_t credits = 50'000;  // granted anew when half of them are used up
  std::uint64_t events = 0;        // ends after so many; 0: when it has caught up
  double seconds = 60;
  bool count_each = false;  // looks at every event instead of the first and last of a frame
};

// Fails where the offsets of the events received are not gapless.
Measured read_over_ws(const WsReadOptions& options);

}  // namespace daybook::load
