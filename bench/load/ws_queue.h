// A member of a Daybook group in queue mode, over a WebSocket of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/load/exchange.h"
#include "bench/load/queue_ledger.h"
#include "bench/load/ws_frames.h"

namespace daybook::load {

struct QueuePlace {
  std::string group;
  std::string member;
  unsigned batch = 100;
  bool gives_up = false;  // every event becomes a dead letter, instead of being acked
};

// A request is a credit of `batch` events. Each `events` frame is acked by one frame that names all
// of it, and the request is answered when `batch` events have a durable ack.
class WsQueueExchange : public Exchange {
 public:
  // The ledger outlives it.
  WsQueueExchange(QueueLedger& ledger, QueuePlace place);
  void open(int fd) override;
  void write_next(std::string& out) override;
  Scanned scan(std::string_view in, std::string& out) override;

 private:
  void hear(const WsMessage& message, std::string& out);
  void hear_text(std::string_view frame, std::string& out);

  QueueLedger& ledger_;
  const QueuePlace place_;
  const std::string credit_;  // frame
  WsFrames frames_;
  std::uint64_t acked_ = 0;  // events that are no whole batch yet
  std::uint64_t refused_ = 0;
};

}  // namespace daybook::load
