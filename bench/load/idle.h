// Subscribers that only wait: what a quiet daemon costs while somebody listens.
#pragma once

#include <cstdint>
#include <functional>

namespace daybook::load {

struct IdleOptions {
  std::uint16_t port = 0;
  unsigned websockets = 50;
  unsigned event_streams = 50;  // server-sent events
  double seconds = 60;
};

struct IdleResult {
  unsigned connected = 0;
  unsigned lost = 0;           // closed by the server before the end
  std::uint64_t received = 0;  // bytes and frames, heartbeats for the most part
};

// `connected` is called once all of them are subscribed; returns after `seconds` or a SIGTERM.
IdleResult hold_idle(const IdleOptions& options, const std::function<void()>& connected);

}  // namespace daybook::load
