// A WebSocket connection to the daemon: the handshake, and messages one after the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/load/socket.h"
#include "bench/load/ws_frames.h"

namespace daybook::load {

// Upgrades a blocking connection; not a byte behind the answer's head is read.
void upgrade_to_websocket(int fd, std::string_view path);

class WsClient {
 public:
  // Connects and upgrades, blocking; `receive_timeout_seconds` then bounds every wait.
  WsClient(std::uint16_t port, std::string_view path, double receive_timeout_seconds);

  void send(std::string_view text);
  // The next text message. nullopt: the connection was closed, or nothing came in time (with a
  // non-blocking socket: nothing is there). Pings are answered on the way.
  std::optional<std::string_view> next();
  bool closed() const { return closed_; }
  int fd() const { return fd_.get(); }

 private:
  Fd fd_;
  WsFrames frames_;
  bool closed_ = false;
};

}  // namespace daybook::load
