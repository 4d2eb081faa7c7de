// The ref of an ack is the number of its events: its `ok` says how many are finished.
#include "bench/load/ws_queue.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "bench/load/socket.h"
#include "bench/load/ws_client.h"

namespace daybook::load {
namespace {

bool is(std::string_view frame, std::string_view op) {
  constexpr std::string_view kOp = R"({"op":")";
  return frame.starts_with(kOp) && frame.substr(kOp.size()).starts_with(op) &&
         frame.substr(kOp.size() + op.size()).starts_with('"');
}

}  // namespace

WsQueueExchange::WsQueueExchange(QueueLedger& ledger, QueuePlace place)
    : ledger_(ledger),
      place_(std::move(place)),
      credit_(R"({"op":"credit","sub":"q","n":)" + std::to_string(place_.batch) + "}") {}

void WsQueueExchange::open(int fd) {
  upgrade_to_websocket(fd, "/v1/ws");
  std::string frame;
  append_client_frame(frame, kWsText,
                      R"({"op":"subscribe","sub":"q","credits":0,"group":")" + place_.group +
                          R"(","member":")" + place_.member + R"("})");
  send_all(fd, frame);
}

void WsQueueExchange::write_next(std::string& out) {
  append_client_frame(out, kWsText, credit_);
}

Scanned WsQueueExchange::scan(std::string_view in, std::string& out) {
  Scanned scanned{.consumed = in.size()};
  while (!in.empty()) {
    const auto room = frames_.room();
    const std::size_t bytes = std::min(room.size(), in.size());
    std::ranges::copy(in.substr(0, bytes), room.begin());
    frames_.filled(bytes);
    in.remove_prefix(bytes);
    while (const auto message = frames_.next()) hear(*message, out);
  }
  scanned.answers = static_cast<unsigned>(acked_ / place_.batch);
  scanned.failed = std::min(scanned.answers, static_cast<unsigned>(refused_));
  acked_ %= place_.batch;
  refused_ -= scanned.failed;
  return scanned;
}

void WsQueueExchange::hear(const WsMessage& message, std::string& out) {
  if (message.kind == WsMessage::Kind::text) hear_text(message.body, out);
  if (message.kind == WsMessage::Kind::ping) append_client_frame(out, kWsPong, message.body);
}

void WsQueueExchange::hear_text(std::string_view frame, std::string& out) {
  if (is(frame, "error")) throw std::runtime_error("WebSocket: " + std::string(frame));
  if (is(frame, "events")) {
    const Leases leases = ledger_.take(frame);
    append_client_frame(
        out, kWsText,
        std::string(place_.gives_up ? R"({"op":"nack","action":"dead_letter")" : R"({"op":"ack")") +
            R"(,"sub":"q","ref":)" + std::to_string(leases.count) + R"(,"offsets":[)" +
            leases.offsets + R"(],"attempts":[)" + leases.attempts + "]}");
  }
  if (is(frame, "ok")) {
    constexpr std::string_view kRef = R"("ref":)";
    std::uint64_t events = 0;
    const std::size_t at = std::min(frame.find(kRef), frame.size() - kRef.size()) + kRef.size();
    std::from_chars(frame.data() + at, frame.data() + frame.size(), events);
    acked_ += events;
    ledger_.finished(events);
    if (frame.find(R"("refused":[{)") == std::string_view::npos) return;
    ++refused_;
    remember_failure(frame);
  }
}

}  // namespace daybook::load
