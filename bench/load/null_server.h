// An HTTP server that reads each request and answers a fixed receipt at once: what the generator
// can do at most on this machine is what it does against this.
#pragma once

#include <cstdint>

namespace daybook::load {

struct NullServerOptions {
  std::uint16_t port = 0;
  unsigned receipt_events = 1;  // so that answers weigh as much as real ones
  double seconds = 600;
};

// Serves until the time is up or a SIGTERM comes.
void serve_null(const NullServerOptions& options);

}  // namespace daybook::load
