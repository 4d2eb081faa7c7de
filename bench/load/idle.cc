// Holds WebSocket and server-sent event subscriptions open.
#include "bench/load/idle.h"

#include <sys/socket.h>

#include <algorithm>
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
constexpr std::int64_t kQuietNs = kSecondNs / 2;
constexpr std::int64_t kLateNsMax = 20 * kSecondNs;

struct Listener {
  std::unique_ptr<WsClient> websocket;  // or
  Fd event_stream;
  bool lost = false;
};

std::string filter_of(unsigned number, unsigned types) {
  if (types == 0) return "";
  const std::string digits = std::to_string(10'000 + number % types).substr(1);
  return R"(,"filter":{"event_types":["task.)" + digits + R"("]})";
}

Listener open_websocket(std::uint16_t port, const std::string& filter) {
  Listener listener;
  listener.websocket = std::make_unique<WsClient>(port, "/v1/ws", kAnswerSeconds);
  listener.websocket->send(R"({"op":"subscribe","sub":"idle","after":"head","credits":1000000000)" +
                           filter + "}");
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

std::uint64_t events_in(std::string_view frame) {
  constexpr std::string_view kEvent = R"({"offset":)";  // begins every event
  std::uint64_t count = 0;
  for (std::size_t at = frame.find(kEvent); at != std::string_view::npos;
       at = frame.find(kEvent, at + kEvent.size()))
    ++count;
  return count;
}

// Take all that has arrived; the first says how many events, the second how many bytes.
std::uint64_t drain_websocket(Listener& listener, IdleResult& result) {
  std::uint64_t events = 0;
  while (const auto frame = listener.websocket->next()) {
    ++result.received;
    events += events_in(*frame);
  }
  listener.lost = listener.websocket->closed();
  result.events += events;
  return events;
}

std::uint64_t drain_stream(Listener& listener) {
  std::uint64_t received = 0;
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
  listeners.reserve(std::size_t{options.websockets} + options.event_streams);
  for (unsigned i = 0; i < options.websockets; ++i)
    listeners.push_back(open_websocket(options.port, filter_of(i, options.types)));
  for (unsigned i = 0; i < options.event_streams; ++i)
    listeners.push_back(open_event_stream(options.port));
  Poller poller;
  for (Listener& listener : listeners)
    poller.watch(listener.websocket ? listener.websocket->fd() : listener.event_stream.get(),
                 &listener);
  IdleResult result{.connected = static_cast<unsigned>(listeners.size())};
  connected();
  std::int64_t end = now_ns() + seconds_to_ns(options.seconds);
  std::int64_t last_event = 0;
  for (;;) {
    const std::int64_t now = now_ns();
    if (asked_to_stop()) end = std::min(end, now);
    if (now >= end && (now - last_event > kQuietNs || now > end + kLateNsMax)) break;
    for (const epoll_event& event :
         poller.wait(now < end ? std::min(end - now, kSecondNs) : kQuietNs)) {
      Listener& listener = *static_cast<Listener*>(event.data.ptr);
      if (listener.lost) continue;
      if (!listener.websocket)
        result.received += drain_stream(listener);
      else if (drain_websocket(listener, result) > 0)
        last_event = now;
    }
  }
  for (const Listener& listener : listeners) result.lost += listener.lost ? 1 : 0;
  return result;
}

}  // namespace daybook::load
