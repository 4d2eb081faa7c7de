// The loop that carries bytes between exchanges and sockets.
#include "bench/load/driver.h"

#include <sys/socket.h>
#include <algorithm>

#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <vector>

#include "bench/load/clock.h"
#include "bench/load/socket.h"

namespace daybook::load {
namespace {

constexpr std::size_t kInputBytes = 128 << 10;
constexpr double kDrainSeconds = 5;

struct Connection {
  Fd fd;
  std::unique_ptr<Exchange> exchange;
  std::string out;
  std::size_t out_sent = 0;
  std::vector<char> in = std::vector<char>(kInputBytes);
  std::size_t in_used = 0;
  std::deque<std::int64_t> begun;  // when each unanswered request was sent, or due
};

class Driver {
 public:
  Driver(const DriverOptions& options, const MakeExchange& make)
      : options_(options), tally_(options.bounds, options.events_per_request) {
    for (unsigned i = 0; i < options.connections; ++i) open(make());
    options.connected();
    tally_ = Tally(options.bounds, options.events_per_request);  // Connecting took its time.
  }

  Measured run() {
    if (options_.requests_per_second > 0) {
      interval_ns_ = 1e9 / options_.requests_per_second;
      first_due_ = now_ns();
      for (auto& connection : connections_) idle_.push_back(connection.get());
    } else {
      for (auto& connection : connections_) refill(*connection, now_ns());
    }
    const std::int64_t drained_by = tally_.ends_at() + seconds_to_ns(kDrainSeconds);
    for (std::int64_t now = now_ns();; now = now_ns()) {
      if (interval_ns_ > 0) send_due(now);
      if ((!may_send(now) && waiting_ == 0) || now > drained_by || asked_to_stop()) break;
      for (const epoll_event& event : poller_.wait(patience(now))) {
        Connection& connection = *static_cast<Connection*>(event.data.ptr);
        if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) hear(connection);
        send(connection);
      }
    }
    for (auto& connection : connections_) tally_.failed(connection->exchange->first_failure());
    if (!asked_to_stop()) count_the_lost();
    return tally_.finish(now_ns());
  }

 private:
  void open(std::unique_ptr<Exchange> exchange) {
    auto connection = std::make_unique<Connection>();
    connection->fd = connect_loopback(options_.port);
    connection->exchange = std::move(exchange);
    connection->exchange->open(connection->fd.get());
    set_nonblocking(connection->fd.get());
    poller_.watch(connection->fd.get(), connection.get());
    connections_.push_back(std::move(connection));
  }

  std::int64_t due() const {
    return first_due_ + static_cast<std::int64_t>(interval_ns_ * static_cast<double>(sent_due_));
  }

  // A closed loop ends at its end; an open one has sent all that was due before it, however late.
  bool may_send(std::int64_t now) const { return tally_.may_send(interval_ns_ > 0 ? due() : now); }

  // What an overloaded server would else hide: it is not answered, or was never sent.
  void count_the_lost() {
    if (waiting_ > 0) tally_.failed("requests had no answer 5 s after the end", waiting_);
    if (interval_ns_ <= 0 || !tally_.may_send(due())) return;
    const double left = static_cast<double>(tally_.ends_at() - due()) / interval_ns_;
    tally_.failed("requests were due and found no free connection",
                  static_cast<std::uint64_t>(left) + 1);
  }

  // How long nothing can happen unless the server answers.
  std::int64_t patience(std::int64_t now) const {
    if (interval_ns_ > 0 && !idle_.empty() && may_send(now)) return due() - now;
    return std::clamp<std::int64_t>(tally_.ends_at() - now, kSecondNs / 100, kSecondNs / 10);
  }

  // Open loop: what is due goes out on whatever connection is free; what finds none waits, and
  // its waiting counts.
  void send_due(std::int64_t now) {
    while (!idle_.empty() && due() <= now && may_send(now)) {
      Connection* connection = idle_.back();
      idle_.pop_back();
      ask(*connection, due());
      ++sent_due_;
      send(*connection);
    }
  }

  void ask(Connection& connection, std::int64_t begun) {
    connection.exchange->write_next(connection.out);
    connection.begun.push_back(begun);
    tally_.sent();
    ++waiting_;
  }

  void refill(Connection& connection, std::int64_t now) {
    while (connection.begun.size() < options_.in_flight && tally_.may_send(now))
      ask(connection, now);
    send(connection);
  }

  void send(Connection& connection) {
    if (!connection.out.empty()) flush(connection.fd.get(), connection.out, connection.out_sent);
  }

  void hear(Connection& connection) {
    for (;;) {
      char* into = connection.in.data() + connection.in_used;
      const std::size_t room = connection.in.size() - connection.in_used;
      if (room == 0) throw std::runtime_error("an answer's head does not fit the input buffer");
      const ssize_t n = ::recv(connection.fd.get(), into, room, 0);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (n < 0) throw_errno("recv");
      if (n == 0) throw std::runtime_error("the server closed a connection");
      connection.in_used += static_cast<std::size_t>(n);
      digest(connection);
      if (static_cast<std::size_t>(n) < room) return;  // Edge-triggered: the rest brings an event.
    }
  }

  void digest(Connection& connection) {
    const std::string_view in(connection.in.data(), connection.in_used);
    const Scanned scanned = connection.exchange->scan(in, connection.out);
    if (scanned.consumed > 0) {
      connection.in_used -= scanned.consumed;
      std::memmove(connection.in.data(), in.data() + scanned.consumed, connection.in_used);
    }
    const std::int64_t now = now_ns();
    for (unsigned i = 0; i < scanned.answers; ++i) {
      if (connection.begun.empty()) throw std::runtime_error("an answer that nobody asked for");
      tally_.answered(connection.begun.front(), now, i >= scanned.failed);
      connection.begun.pop_front();
      --waiting_;
    }
    if (interval_ns_ <= 0)
      refill(connection, now);
    else if (scanned.answers > 0)
      idle_.push_back(&connection);
  }

  const DriverOptions options_;
  Poller poller_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;  // open loop: those without an unanswered request
  double interval_ns_ = 0;         // open loop: between two requests
  std::int64_t first_due_ = 0;
  std::uint64_t sent_due_ = 0;
  std::uint64_t waiting_ = 0;  // requests sent and not answered
  Tally tally_;
};

}  // namespace

Measured drive(const DriverOptions& options, const MakeExchange& make) {
  return Driver(options, make).run();
}

}  // namespace daybook::load
