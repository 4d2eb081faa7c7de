// JetStream's own requests, and a member of a pull consumer.
#include <charconv>
#include <stdexcept>

#include "bench/load/clock.h"
#include "bench/load/nats.h"
#include "bench/load/socket.h"

namespace daybook::load {
namespace {

constexpr double kAnswerSeconds = 5;
constexpr std::string_view kFetchExpires = "60000000000";  // ns; nothing has to wait that long

std::string publish(std::string_view subject, std::string_view reply, std::string_view body) {
  return "PUB " + std::string(subject) + " " + std::string(reply) + " " +
         std::to_string(body.size()) + "\r\n" + std::string(body) + "\r\n";
}

std::string greeting(std::string_view inbox) {
  return "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,"
         "\"no_responders\":true}\r\nSUB " +
         std::string(inbox) + " 1\r\n";
}

// What JetStream answers to one request.
std::string request(std::uint16_t port, std::string_view subject, std::string_view body) {
  const Fd fd = connect_loopback(port);
  set_receive_timeout(fd.get(), kAnswerSeconds);
  send_all(fd.get(), greeting("_INBOX.ask") + publish(subject, "_INBOX.ask", body));
  std::string in;
  for (;;) {
    while (const auto op = next_nats_op(in)) {
      if (op->kind == NatsOp::Kind::status)
        throw std::runtime_error("NATS: JetStream does not answer: is it on (-js)?");
      const std::string answer(op->payload);
      const bool is_answer = op->kind == NatsOp::Kind::message;
      in.erase(0, op->bytes);
      if (is_answer && answer.find("\"error\"") != std::string::npos)
        throw std::runtime_error("NATS: " + answer);
      if (is_answer) return answer;
    }
    std::string more(4096, '\0');
    more.resize(receive_some(fd.get(), more));
    if (more.empty()) throw std::runtime_error("NATS: no answer to " + std::string(subject));
    in += more;
  }
}

}  // namespace

void create_nats_stream(std::uint16_t port) {
  request(port, "$JS.API.STREAM.CREATE.EVENTS",
          R"({"name":"EVENTS","subjects":["events"],"storage":"file","retention":"limits",)"
          R"("max_msgs":-1,"max_bytes":-1,"discard":"old","num_replicas":1})");
}

void create_nats_consumer(std::uint16_t port, std::uint64_t pending_max) {
  request(port, "$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.reader",
          R"({"stream_name":"EVENTS","config":{"durable_name":"reader","deliver_policy":"all",)"
          R"("ack_policy":"explicit","max_ack_pending":)" +
              std::to_string(pending_max) + "}}");
}

std::uint64_t nats_pending(std::uint16_t port) {
  constexpr std::string_view kName = R"("num_ack_pending":)";
  const std::int64_t give_up = now_ns() + seconds_to_ns(kAnswerSeconds);
  std::uint64_t pending = 1;
  while (pending > 0 && now_ns() < give_up) {
    const std::string info = request(port, "$JS.API.CONSUMER.INFO.EVENTS.reader", "");
    const std::size_t at = info.find(kName);
    if (at == std::string::npos) throw std::runtime_error("NATS: not a consumer: " + info);
    std::from_chars(info.data() + at + kName.size(), info.data() + info.size(), pending);
  }
  return pending;
}

NatsPullExchange::NatsPullExchange(unsigned connection, unsigned batch)
    : batch_(batch),
      inbox_("_INBOX.pull" + std::to_string(connection)),
      fetch_(publish("$JS.API.CONSUMER.MSG.NEXT.EVENTS.reader", inbox_,
                     R"({"batch":)" + std::to_string(batch) + R"(,"expires":)" +
                         std::string(kFetchExpires) + "}")) {}

void NatsPullExchange::open(int fd) {
  send_all(fd, greeting(inbox_));
}

Scanned NatsPullExchange::scan(std::string_view in, std::string& out) {
  Scanned scanned;
  while (const auto op = next_nats_op(in)) {
    if (op->kind == NatsOp::Kind::ping) out += "PONG\r\n";
    if (op->kind == NatsOp::Kind::status ||
        (op->kind == NatsOp::Kind::other && op->payload.starts_with("-ERR")))
      throw std::runtime_error("NATS: " + std::string(op->payload));
    if (op->kind == NatsOp::Kind::message) {
      out.append("PUB ").append(op->reply).append(" 4\r\n+ACK\r\n");
      messages_ = (messages_ + 1) % batch_;
      if (messages_ == 0) ++scanned.answers;
    }
    in.remove_prefix(op->bytes);
    scanned.consumed += op->bytes;
  }
  return scanned;
}

}  // namespace daybook::load
