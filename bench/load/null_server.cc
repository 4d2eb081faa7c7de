// One thread, one epoll, no thought.
#include "bench/load/null_server.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/load/clock.h"
#include "bench/load/http_scan.h"
#include "bench/load/socket.h"

namespace daybook::load {
namespace {

struct Peer {
  explicit Peer(Fd socket) : fd(std::move(socket)) {}
  Fd fd;
  std::vector<char> in = std::vector<char>(64 << 10);
  std::size_t in_used = 0;
  std::size_t body_left = 0;
  HttpScanner scanner;
  std::string out;
  std::size_t out_sent = 0;
};

std::string fixed_answer(unsigned events) {
  std::string body = R"({"first_offset":42,"last_offset":43,"replayed":false,)"
                     R"("durability":"none","events":[)";
  for (unsigned i = 0; i < events; ++i) {
    if (i > 0) body += ',';
    body += R"({"id":"0199f3c2-0000-7000-8000-000000000000","offset":42,"sequence":3,)"
            R"("recorded_at":"2026-01-24T10:00:00.124001Z"})";
  }
  body += "]}";
  return "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nDaybook-Head: 42\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

class NullServer {
 public:
  explicit NullServer(const NullServerOptions& options)
      : answer_(fixed_answer(options.receipt_events)),
        listener_(listen_loopback(options.port)),
        ends_at_(now_ns() + seconds_to_ns(options.seconds)) {
    poller_.watch_level(listener_.get(), nullptr, EPOLLIN);
  }

  void run() {
    while (!asked_to_stop() && now_ns() < ends_at_)
      for (const epoll_event& event : poller_.wait(kSecondNs / 5)) {
        if (event.data.ptr == nullptr) {
          accept_all();
          continue;
        }
        Peer& peer = *static_cast<Peer*>(event.data.ptr);
        if (!hear(peer)) peers_.erase(&peer);
      }
  }

 private:
  void accept_all() {
    for (;;) {
      Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!fd) return;
      auto peer = std::make_unique<Peer>(std::move(fd));
      poller_.watch(peer->fd.get(), peer.get());
      peers_.emplace(peer.get(), std::move(peer));
    }
  }

  // False once the peer is gone.
  bool hear(Peer& peer) {
    for (;;) {
      const std::size_t room = peer.in.size() - peer.in_used;
      if (room == 0) return false;
      const ssize_t n = ::recv(peer.fd.get(), peer.in.data() + peer.in_used, room, 0);
      if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return false;
      if (n < 0) break;
      peer.in_used += static_cast<std::size_t>(n);
      digest(peer);
      if (static_cast<std::size_t>(n) < room) break;
    }
    flush(peer.fd.get(), peer.out, peer.out_sent);
    return true;
  }

  void digest(Peer& peer) {
    std::string_view in(peer.in.data(), peer.in_used);
    while (!in.empty()) {
      std::size_t eaten = std::min(peer.body_left, in.size());
      peer.body_left -= eaten;
      if (eaten == 0) {
        const HttpHead head = peer.scanner.scan(in);
        if (head.bytes == 0) break;
        eaten = head.bytes;
        peer.body_left = head.body_bytes;
      }
      in.remove_prefix(eaten);
      if (peer.body_left == 0) peer.out += answer_;
    }
    std::memmove(peer.in.data(), in.data(), in.size());
    peer.in_used = in.size();
  }

  const std::string answer_;
  Fd listener_;
  Poller poller_;
  std::unordered_map<Peer*, std::unique_ptr<Peer>> peers_;
  const std::int64_t ends_at_;
};

}  // namespace

void serve_null(const NullServerOptions& options) {
  NullServer(options).run();
}

}  // namespace daybook::load
