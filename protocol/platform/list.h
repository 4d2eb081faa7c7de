// The answer of `GET /events/`: a bare array, however long. It is read page after page, so that a
// limit without a bound costs bounded memory.
#pragma once

#include "protocol/http/message.h"
#include "protocol/platform/parameters.h"

namespace daybook::platform {

class EventList final : public http::BodyStream {
 public:
  EventList(LogPort& log, ListRequest request);

  // Reads the first piece: what goes wrong here can still become a status.
  Awaitable<Result<void>> start();
  // Whether the first piece is all.
  bool is_short() const { return done_; }
  std::string take_first() { return std::move(first_); }

  // Throws where a later page cannot be read: the client then sees a body that breaks off.
  Awaitable<std::optional<std::string>> next() override;

 private:
  Awaitable<Result<std::string>> piece();
  void write(std::string& out, const EventView& event);
  Awaitable<Result<void>> read_page();

  LogPort& log_;
  ListRequest request_;
  Offset head_;
  Page page_;
  std::size_t at_ = 0;
  std::string first_;
  bool started_ = false;
  bool first_sent_ = false;
  bool wrote_any_ = false;
  bool done_ = false;
};

}  // namespace daybook::platform
