// The client's side of RFC 6455, as far as a bench needs it.
#include "bench/load/ws_client.h"

#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>
#include <string>

namespace daybook::load {
namespace {

// Reads the answer's head byte by byte, so that no frame behind it is taken along.
std::string read_head(int fd) {
  std::string head;
  char byte = 0;
  while (!head.ends_with("\r\n\r\n")) {
    if (head.size() > (16 << 10) || receive_some(fd, std::span(&byte, 1)) == 0)
      throw std::runtime_error("no answer to the WebSocket upgrade: " + head);
    head += byte;
  }
  return head;
}

}  // namespace

void upgrade_to_websocket(int fd, std::string_view path) {
  send_all(fd, "GET " + std::string(path) +
                   " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: ZGF5Ym9vay1sb2FkLTAwMQ==\r\n"
                   "Sec-WebSocket-Protocol: daybook.v1\r\n\r\n");
  const std::string head = read_head(fd);
  if (head.substr(0, 12) != "HTTP/1.1 101") throw std::runtime_error("upgrade refused: " + head);
}

WsClient::WsClient(std::uint16_t port, std::string_view path, double receive_timeout_seconds)
    : fd_(connect_loopback(port)) {
  set_receive_timeout(fd_.get(), receive_timeout_seconds);
  upgrade_to_websocket(fd_.get(), path);
}

void WsClient::send(std::string_view text) {
  std::string frame;
  append_client_frame(frame, kWsText, text);
  send_all(fd_.get(), frame);
}

std::optional<std::string_view> WsClient::next() {
  while (!closed_) {
    if (const auto message = frames_.next()) {
      if (message->kind == WsMessage::Kind::text) return message->body;
      std::string answer;
      if (message->kind == WsMessage::Kind::ping)
        append_client_frame(answer, kWsPong, message->body);
      if (message->kind == WsMessage::Kind::close) {
        append_client_frame(answer, kWsClose, message->body);
        closed_ = true;
      }
      send_all(fd_.get(), answer);
      continue;
    }
    const auto room = frames_.room();
    const ssize_t n = ::recv(fd_.get(), room.data(), room.size(), 0);
    if (n < 0 && errno == EINTR && !asked_to_stop()) continue;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (n < 0) throw_errno("recv");
    if (n == 0) closed_ = true;
    frames_.filled(static_cast<std::size_t>(n));
  }
  return std::nullopt;
}

}  // namespace daybook::load
