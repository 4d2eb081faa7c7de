// Both sockets in one epoll: whichever is ready first is read first, so that neither time waits for
// the other.
#include "bench/load/delivery.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include "bench/load/clock.h"
#include "bench/load/corpus.h"
#include "bench/load/http_exchange.h"
#include "bench/load/queue_ledger.h"
#include "bench/load/socket.h"
#include "bench/load/ws_client.h"

namespace daybook::load {
namespace {

constexpr double kAnswerSeconds = 5;

class Delivery {
 public:
  explicit Delivery(const DeliveryOptions& options)
      : options_(options),
        member_(options.port, "/v1/ws", kAnswerSeconds),
        http_(connect_loopback(options.port)) {
    member_.send(R"({"op":"subscribe","sub":"q","member":"worker-1","credits":1000,"group":")" +
                 options.group + R"("})");
    wait_until_subscribed();
    set_nonblocking(member_.fd());
    set_nonblocking(http_.get());
    poller_.watch_level(member_.fd(), &member_, EPOLLIN);
    poller_.watch_level(http_.get(), &http_, EPOLLIN);
  }

  DeliveryMeasured run() {
    const std::int64_t begin = now_ns();
    Measured& m = measured_.deliveries;
    std::int64_t due = begin;
    while (m.events < options_.events && !asked_to_stop()) {
      wait_until(due);
      due += seconds_to_ns(options_.interval_seconds);
      append();
      const std::int64_t give_up = sent_at_ + seconds_to_ns(kAnswerSeconds);
      while (answered_at_ == 0 || delivered_at_ == 0) {
        if (now_ns() > give_up) throw std::runtime_error("an event was not delivered within 5 s");
        hear(give_up - now_ns());
      }
      m.latency.add(delivered_at_ - answered_at_);
      measured_.appends.add(answered_at_ - sent_at_);
      ++m.events;
    }
    m.seconds = static_cast<double>(now_ns() - begin) / 1e9;
    m.requests = m.requests_total = m.events_total = m.events;
    return measured_;
  }

 private:
  void wait_until_subscribed() {
    for (;;) {
      const auto frame = member_.next();
      if (!frame) throw std::runtime_error("no answer to subscribe");
      if (frame->find(R"("op":"error")") != std::string_view::npos)
        throw std::runtime_error("subscribe: " + std::string(*frame));
      if (frame->find(R"("op":"subscribed")") != std::string_view::npos) return;
    }
  }

  // Acks of what was delivered last are answered meanwhile.
  void wait_until(std::int64_t due) {
    for (std::int64_t now = now_ns(); now < due; now = now_ns()) hear(due - now);
  }

  void append() {
    std::string request;
    exchange_.write_next(request);
    answered_at_ = delivered_at_ = 0;
    sent_at_ = now_ns();
    send_all(http_.get(), request);
  }

  void hear(std::int64_t timeout_ns) {
    for (const epoll_event& event : poller_.wait(timeout_ns))
      event.data.ptr == &member_ ? hear_member() : hear_http();
  }

  void hear_http() {
    std::array<char, 4096> bytes;
    const ssize_t n = ::recv(http_.get(), bytes.data(), bytes.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) throw std::runtime_error("the server closed a connection");
    const std::int64_t now = now_ns();
    in_.append(bytes.data(), static_cast<std::size_t>(n));
    std::string nothing;
    const Scanned scanned = exchange_.scan(in_, nothing);
    in_.erase(0, scanned.consumed);
    if (scanned.failed > 0)
      throw std::runtime_error("an append was refused: " + exchange_.first_failure());
    if (scanned.answers > 0) answered_at_ = now;
  }

  void hear_member() {
    while (const auto frame = member_.next()) {
      const std::int64_t now = now_ns();
      const Leases leases = ledger_.take(*frame);
      if (leases.count == 0) continue;
      delivered_at_ = now;
      member_.send(R"({"op":"ack","sub":"q","offsets":[)" + leases.offsets + R"(],"attempts":[)" +
                   leases.attempts + "]}");
      member_.send(R"({"op":"credit","sub":"q","n":)" + std::to_string(leases.count) + "}");
    }
    if (member_.closed()) throw std::runtime_error("the server closed a connection");
  }

  const DeliveryOptions options_;
  WsClient member_;
  Fd http_;
  Poller poller_;
  Corpus corpus_;
  HttpExchange exchange_{corpus_, "/v1/events", 1};
  QueueLedger ledger_{true};
  std::string in_;                 // of HTTP
  std::int64_t sent_at_ = 0;       // the append at hand
  std::int64_t answered_at_ = 0;   // 0: not yet
  std::int64_t delivered_at_ = 0;  // 0: not yet
  DeliveryMeasured measured_;
};

}  // namespace

DeliveryMeasured measure_delivery(const DeliveryOptions& options) {
  return Delivery(options).run();
}

}  // namespace daybook::load
