// WebSocket frames (RFC 6455) as a client sees them: whole messages out of a growing buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::load {

struct WsMessage {
  enum class Kind : std::uint8_t { text, close, ping, pong };
  Kind kind = Kind::text;
  std::string_view body;  // valid until the next call of the parser
};

// Bytes go in through `room` and `filled`, messages come out of `next`.
class WsFrames {
 public:
  // Where to put bytes: at least as many as the frame at hand lacks.
  std::span<char> room();
  void filled(std::size_t bytes) { end_ += bytes; }
  // nullopt where the next message is not complete. Throws where the bytes are no server frames.
  std::optional<WsMessage> next();

 private:
  struct Head {
    std::uint8_t opcode = 0;
    bool last = false;
    std::size_t head_bytes = 0;
    std::size_t body_bytes = 0;
  };
  std::optional<Head> head() const;

  std::vector<char> buffer_ = std::vector<char>(16 << 10);  // grows with the frames
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string fragments_;  // of a message that comes in several frames
  bool fragments_given_ = false;
};

// A masked client frame. The mask is fixed: it keeps proxies honest, and there is none here.
void append_client_frame(std::string& out, std::uint8_t opcode, std::string_view body);

inline constexpr std::uint8_t kWsText = 1;
inline constexpr std::uint8_t kWsClose = 8;
inline constexpr std::uint8_t kWsPong = 10;

}  // namespace daybook::load
