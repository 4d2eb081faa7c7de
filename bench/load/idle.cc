// Holds WebSocket and server-sent event subscriptions open.
#include "bench/load/idle.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/load/clock.h"
#include "bench/load/socket.h"
#include "bench/load/ws_client.h"

namespace daybook::load {
namespace {

constexpr double kAnswerSeconds = 5;

struct Listener {
  std::unique_ptr<WsClient> websocket;  // or
  Fd event_stream;
  bool lost = false;
};

Listener open_websocket(std::uint16_t port) {
  Listener listener;
  listener.websocket = std::make_unique<WsClient>(port, "/v1/ws", kAnswerSeconds);
  listener.websocket->send(R"({"op":"subscribe","sub":"idle","after":"head","credits":1000})");
  for (;;) {
    const auto frame = listener.websocket->next();
    if (!frame) throw std::runtime_error("no answer to subscribe");
    if (frame->find(R"("op":"error")") != std::string_view::npos)
      throw std::runtime_error("subscribe: " + std::string(*frame));
    if (frame->find(R"("op":"subscribed")") != std::string_view::npos) break;
  }
  set_nonblocking(listener.websocket->fd());
  return listener;
}

Listener open_event_stream(std::uint16_t port) {
  Listener listener;
  listener.event_stream = connect_loopback(port);
  const int fd = listener.event_stream.get();
  set_receive_timeout(fd, kAnswerSeconds);
  send_all(fd, "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
  std::array<char, 4096> head{};
  const std::size_t n = receive_some(fd, head);
  const std::string_view answer(head.data(), n);
  if (answer.substr(0, 12) != "HTTP/1.1 200")
    throw std::runtime_error("server-sent events refused: " + std::string(answer));
  set_nonblocking(fd);
  return listener;
}

// Takes all that has arrived; says how much, in bytes or frames.
std::uint64_t drain(Listener& listener) {
  std::uint64_t received = 0;
  if (listener.websocket) {
    while (listener.websocket->next()) ++received;
    listener.lost = listener.websocket->closed();
    return received;
  }
  std::array<char, 4096> bytes{};
  for (;;) {
    const ssize_t n = ::recv(listener.event_stream.get(), bytes.data(), bytes.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return received;
    listener.lost = n <= 0;
    if (n <= 0) return received;
    received += static_cast<std::uint64_t>(n);
  }
}

}  // namespace

IdleResult hold_idle(const IdleOptions& options, const std::function<void()>& connected) {
  std::vector<Listener> listeners;
  for (unsigned i = 0; i < options.websockets; ++i)
    listeners.push_back(open_websocket(options.port));
  for (unsigned i = 0; i < options.event_streams; ++i)
    listeners.push_back(open_event_stream(options.port));
  Poller poller;
  for (Listener& listener : listeners)
    poller.watch(listener.websocket ? listener.websocket->fd() : listener.event_stream.get(),
                 &listener);
  IdleResult result{.connected = static_cast<unsigned>(listeners.size())};
  connected();
  const std::int64_t end = now_ns() + seconds_to_ns(options.seconds);
  while (!asked_to_stop() && now_ns() < end)
    for (const epoll_event& event : poller.wait(end - now_ns())) {
      Listener& listener = *static_cast<Listener*>(event.data.ptr);
      if (!listener.lost) result.received += drain(listener);
    }
  for (const Listener& listener : listeners) result.lost += listener.lost ? 1 : 0;
  return result;
}

}  // namespace daybook::load
