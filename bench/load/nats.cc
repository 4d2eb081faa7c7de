// The NATS protocol: https://docs.nats.io/reference/reference-protocols/nats-protocol
//   MSG subject sid [reply] bytes\r\npayload\r\n
//   HMSG subject sid [reply] header_bytes total_bytes\r\nheaders payload\r\n
#include "bench/load/nats.h"

#include <array>
#include <charconv>
#include <stdexcept>

#include "bench/load/socket.h"

namespace daybook::load {
namespace {

constexpr std::string_view kSubject = "events";

struct Words {
  std::array<std::string_view, 6> word;
  std::size_t count = 0;
};

Words split(std::string_view line) {
  Words words;
  while (!line.empty() && words.count < words.word.size()) {
    const std::size_t space = line.find(' ');
    if (space != 0) words.word[words.count++] = line.substr(0, space);
    if (space == std::string_view::npos) break;
    line.remove_prefix(space + 1);
  }
  return words;
}

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::optional<NatsOp> next_nats_op(std::string_view in) {
  const std::size_t line_end = in.find("\r\n");
  if (line_end == std::string_view::npos) return std::nullopt;
  const std::string_view line = in.substr(0, line_end);
  if (line == "PING") return NatsOp{.kind = NatsOp::Kind::ping, .bytes = line_end + 2};
  const bool message = line.starts_with("MSG ");
  const bool with_headers = line.starts_with("HMSG ");
  if (!message && !with_headers) return NatsOp{.bytes = line_end + 2, .payload = line};

  const Words words = split(line);
  const std::size_t sizes = with_headers ? 2 : 1;
  const std::size_t bytes = number(words.word[words.count - 1]);
  const std::size_t total = line_end + 2 + bytes + 2;
  if (total > in.size()) return std::nullopt;
  NatsOp op{.kind = NatsOp::Kind::message, .bytes = total};
  op.payload = in.substr(line_end + 2, bytes);
  if (words.count == 4 + sizes) op.reply = words.word[3];
  // Our events carry no headers: what has some is the server's word on a fetch (404, 408, 409).
  if (with_headers) op.kind = NatsOp::Kind::status;
  return op;
}

NatsExchange::NatsExchange(Corpus& corpus, unsigned connection)
    : corpus_(corpus),
      inbox_("_INBOX.load" + std::to_string(connection)),
      head_("PUB " + std::string(kSubject) + " " + inbox_ + " " +
            std::to_string(Corpus::kEventBytes) + "\r\n") {}

void NatsExchange::open(int fd) {
  send_all(fd, "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB " + inbox_ + " 1\r\n");
}

void NatsExchange::write_next(std::string& out) {
  out += head_;
  out += corpus_.take(1);
  out += "\r\n";
}

Scanned NatsExchange::scan(std::string_view in, std::string& out) {
  Scanned scanned;
  while (const auto op = next_nats_op(in)) {
    if (op->kind == NatsOp::Kind::ping) out += "PONG\r\n";
    if (op->kind == NatsOp::Kind::other && op->payload.starts_with("-ERR"))
      throw std::runtime_error("NATS: " + std::string(op->payload));
    if (op->kind == NatsOp::Kind::message) {
      ++scanned.answers;
      if (op->payload.find("\"error\"") != std::string_view::npos) {
        ++scanned.failed;
        remember_failure(op->payload);
      }
    }
    in.remove_prefix(op->bytes);
    scanned.consumed += op->bytes;
  }
  return scanned;
}

}  // namespace daybook::load
