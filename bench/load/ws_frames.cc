// RFC 6455 section 5.2:
//   [1] FIN and opcode   [1] MASK and length   [0, 2, 8] longer length   [0, 4] mask   [..] body
#include "bench/load/ws_frames.h"

#include <cstring>
#include <stdexcept>

namespace daybook::load {
namespace {

constexpr std::size_t kMessageBytesMax = 64 << 20;
constexpr std::uint8_t kContinuation = 0;
constexpr std::uint8_t kPing = 9;

std::uint8_t byte_at(const char* p) {
  return static_cast<std::uint8_t>(*p);
}

}  // namespace

std::span<char> WsFrames::room() {
  if (begin_ == end_) begin_ = end_ = 0;
  const auto frame = head();
  const std::size_t needed = frame ? frame->head_bytes + frame->body_bytes : 16;
  if (needed > kMessageBytesMax) throw std::runtime_error("a WebSocket frame over 64 MiB");
  if (begin_ > 0 && buffer_.size() - begin_ < needed + (buffer_.size() >> 2)) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - begin_ < needed + 1) buffer_.resize(needed * 2);
  return std::span(buffer_).subspan(end_);
}

std::optional<WsFrames::Head> WsFrames::head() const {
  const std::size_t have = end_ - begin_;
  if (have < 2) return std::nullopt;
  const char* p = buffer_.data() + begin_;
  if ((byte_at(p) & 0x70) != 0 || (byte_at(p + 1) & 0x80) != 0)
    throw std::runtime_error("not a server's WebSocket frame");
  Head head{.opcode = static_cast<std::uint8_t>(byte_at(p) & 0x0f),
            .last = (byte_at(p) & 0x80) != 0,
            .head_bytes = 2,
            .body_bytes = byte_at(p + 1)};
  const std::size_t longer = head.body_bytes == 126 ? 2 : head.body_bytes == 127 ? 8 : 0;
  if (have < 2 + longer) return std::nullopt;
  if (longer > 0) head.body_bytes = 0;
  for (std::size_t i = 0; i < longer; ++i)
    head.body_bytes = head.body_bytes << 8 | byte_at(p + 2 + i);
  head.head_bytes += longer;
  return head;
}

std::optional<WsMessage> WsFrames::next() {
  if (fragments_given_) fragments_.clear();
  fragments_given_ = false;
  while (const auto frame = head()) {
    if (end_ - begin_ < frame->head_bytes + frame->body_bytes) return std::nullopt;
    const std::string_view body(buffer_.data() + begin_ + frame->head_bytes, frame->body_bytes);
    begin_ += frame->head_bytes + frame->body_bytes;
    if (frame->opcode == kWsClose) return WsMessage{WsMessage::Kind::close, body};
    if (frame->opcode == kPing) return WsMessage{WsMessage::Kind::ping, body};
    if (frame->opcode == kWsPong) return WsMessage{WsMessage::Kind::pong, body};
    if (frame->last && frame->opcode != kContinuation)
      return WsMessage{WsMessage::Kind::text, body};
    fragments_ += body;
    if (fragments_.size() > kMessageBytesMax)
      throw std::runtime_error("a WebSocket message over 64 MiB");
    if (!frame->last) continue;
    fragments_given_ = true;
    return WsMessage{WsMessage::Kind::text, fragments_};
  }
  return std::nullopt;
}

void append_client_frame(std::string& out, std::uint8_t opcode, std::string_view body) {
  out += static_cast<char>(0x80 | opcode);
  if (body.size() < 126) {
    out += static_cast<char>(0x80 | body.size());
  } else if (body.size() < 65536) {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(body.size() >> 8);
    out += static_cast<char>(body.size() & 0xff);
  } else {
    throw std::invalid_argument("the bench sends no frame this long");
  }
  out.append(4, '\0');  // A mask of zeros leaves the body as it is.
  out += body;
}

}  // namespace daybook::load
