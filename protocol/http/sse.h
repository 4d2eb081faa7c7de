// Server-sent events: a live tail of the log.
//
//   id: 42                        one event; unnamed, so that `onmessage` sees it
//   data: {"offset":42,…}
//
//   event: checkpoint             the filter was applied up to here; its id is what to resume from
//   id: 57
//   data: {"offset":57}
//
//   event: caught_up              the tail has reached the head
//   data: {"offset":57}
//
//   : heartbeat
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "protocol/http/live_wait.h"
#include "protocol/http/message.h"

namespace daybook::http {

inline constexpr std::chrono::seconds kHeartbeatInterval{15};

// Decides what to write; never reads the log or waits.
class SseCore {
 public:
  using Time = std::chrono::steady_clock::time_point;
  SseCore(Offset after, Time now);

  // Everything up to here is written or did not match: where to read on.
  Offset position() const { return position_; }
  bool caught_up() const { return caught_up_; }

  void event(std::string& out, Offset offset, std::string_view text);
  // All events of the page are written.
  void page_end(std::string& out, const Page& page);
  // Nothing up to here matches.
  void pass_over(Offset quiet) { position_ = quiet; }
  // Writes what has fallen due.
  void tick(std::string& out, Time now);
  std::chrono::milliseconds until_due(Time now) const;

 private:
  void checkpoint(std::string& out, Time now);

  Offset position_;
  Offset sent_id_;  // the last `id:` that the client has
  bool caught_up_ = false;
  Time next_checkpoint_;
  Time next_heartbeat_;
};

class SseStream final : public BodyStream {
 public:
  // `first` is the answer to `query`.
  SseStream(LogPort& log, Query query, Page first);

  // Ends when the daemon stops or a read fails: the client then resumes from its last id.
  Awaitable<std::optional<std::string>> next() override;

 private:
  void write_page(std::string& out);
  Awaitable<bool> read();

  LogPort& log_;
  Query query_;
  Page page_;
  std::size_t at_ = 0;
  bool page_ended_ = false;
  LiveWait live_;
  SseCore core_;
};

}  // namespace daybook::http
