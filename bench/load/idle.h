// Subscribers that take what comes: what a quiet daemon costs while somebody listens, and what many
// listeners cost a busy one.
#pragma once

#include <cstdint>
#include <functional>

namespace daybook::load {

struct IdleOptions {
  std::uint16_t port = 0;
  unsigned websockets = 50;
  unsigned event_streams = 50;  // server-sent events
  unsigned types = 0;           // each WebSocket hears one of the corpus' so many; 0: everything
  double seconds = 60;
};

struct IdleResult {
  unsigned connected = 0;
  unsigned lost = 0;           // closed by the server before the end
  std::uint64_t received = 0;  // bytes and frames, heartbeats for the most part
  std::uint64_t events = 0;    // over WebSocket
};

// `connected` is called once all of them are subscribed; returns after `seconds` or a SIGTERM, when
// no event has come for a moment.
IdleResult hold_idle(const IdleOptions& options, const std::function<void()>& connected);

}  // namespace daybook::load
