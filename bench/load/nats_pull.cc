// JetStream's own requests, and reading through a pull consumer.
#include <cstring>
#include <stdexcept>
#include <vector>

#include "bench/load/clock.h"
#include "bench/load/nats.h"
#include "bench/load/socket.h"

namespace daybook::load {
namespace {

constexpr double kAnswerSeconds = 5;

// A blocking connection that hands out one operation after the other.
class NatsConnection {
 public:
  explicit NatsConnection(std::uint16_t port) : fd_(connect_loopback(port)) {
    set_receive_timeout(fd_.get(), kAnswerSeconds);
    send_all(fd_.get(),
             "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,"
             "\"no_responders\":true}\r\nSUB _INBOX.pull 1\r\n");
  }

  void send(std::string_view bytes) { send_all(fd_.get(), bytes); }

  // The next operation, valid until the next call; nullopt where nothing came in time.
  // Before it waits, what was written into `outbox` is sent.
  std::optional<NatsOp> next(std::string& outbox) {
    for (;;) {
      const std::string_view unread(buffer_.data() + begin_, end_ - begin_);
      if (const auto op = next_nats_op(unread)) {
        begin_ += op->bytes;
        return op;
      }
      std::memmove(buffer_.data(), unread.data(), unread.size());
      begin_ = 0;
      end_ = unread.size();
      send(outbox);
      outbox.clear();
      const std::size_t n = receive_some(fd_.get(), std::span(buffer_).subspan(end_));
      if (n == 0) return std::nullopt;
      end_ += n;
    }
  }

 private:
  Fd fd_;
  std::vector<char> buffer_ = std::vector<char>(1 << 20);
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

void request(NatsConnection& connection, std::string_view subject, std::string_view body) {
  std::string outbox = "PUB " + std::string(subject) + " _INBOX.pull " +
                       std::to_string(body.size()) + "\r\n" + std::string(body) + "\r\n";
  while (const auto op = connection.next(outbox)) {
    if (op->kind == NatsOp::Kind::ping) outbox += "PONG\r\n";
    if (op->kind == NatsOp::Kind::status)
      throw std::runtime_error("NATS: JetStream does not answer: is it on (-js)?");
    if (op->kind != NatsOp::Kind::message) continue;
    if (op->payload.find("\"error\"") == std::string_view::npos) return;
    throw std::runtime_error("NATS: " + std::string(op->payload));
  }
  throw std::runtime_error("NATS: no answer to " + std::string(subject));
}

}  // namespace

void create_nats_stream(std::uint16_t port) {
  NatsConnection connection(port);
  request(connection, "$JS.API.STREAM.CREATE.EVENTS",
          R"({"name":"EVENTS","subjects":["events"],"storage":"file","retention":"limits",)"
          R"("max_msgs":-1,"max_bytes":-1,"discard":"old","num_replicas":1})");
}

Measured pull_nats(const NatsPullOptions& options) {
  NatsConnection connection(options.port);
  const unsigned pending = options.batch * 4;
  request(connection, "$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.reader",
          R"({"stream_name":"EVENTS","config":{"durable_name":"reader","deliver_policy":"all",)"
          R"("ack_policy":"explicit","max_ack_pending":)" +
              std::to_string(pending) + "}}");
  const std::string wanted =
      R"({"batch":)" + std::to_string(options.batch) + R"(,"expires":5000000000})";
  const std::string fetch = "PUB $JS.API.CONSUMER.MSG.NEXT.EVENTS.reader _INBOX.pull " +
                            std::to_string(wanted.size()) + "\r\n" + wanted + "\r\n";
  Measured measured;
  const std::int64_t begin = now_ns();
  const std::int64_t give_up = begin + seconds_to_ns(options.seconds);
  const double cpu_before = own_cpu_seconds();
  std::string outbox = fetch + fetch;
  while (measured.events < options.events && now_ns() < give_up) {
    const auto op = connection.next(outbox);
    if (!op) break;
    if (op->kind == NatsOp::Kind::ping) outbox += "PONG\r\n";
    if (op->kind != NatsOp::Kind::message) continue;
    outbox.append("PUB ").append(op->reply).append(" 4\r\n+ACK\r\n");
    if (++measured.events % options.batch == 0) outbox += fetch;
  }
  connection.send(outbox);
  measured.seconds = static_cast<double>(now_ns() - begin) / 1e9;
  measured.requests = measured.requests_total = measured.events_total = measured.events;
  measured.generator_cpu_seconds = own_cpu_seconds() - cpu_before;
  if (measured.events < options.events) {
    measured.failed = 1;
    measured.first_failure = "it ended before everything came";
  }
  return measured;
}

}  // namespace daybook::load
