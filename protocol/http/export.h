// A read without a page limit: one event a line, page after page, in bounded memory.
#pragma once

#include "protocol/http/message.h"

namespace daybook::http {

// One piece of a streamed body is about this long; the next is made once it was sent.
inline constexpr std::size_t kPieceBytes = 256 << 10;

class ExportStream final : public BodyStream {
 public:
  // `first` is the answer to `query`. Ends at the head that `first` saw, or after `events_max`.
  ExportStream(LogPort& log, Query query, Page first, std::uint64_t events_max);

  // Throws where a later page cannot be read: the client then sees a body that breaks off.
  Awaitable<std::optional<std::string>> next() override;

 private:
  void take(Page page);
  bool is_past_end(const EventView& event) const;

  LogPort& log_;
  Query query_;
  Page page_;
  Offset head_;
  std::size_t at_ = 0;
  std::uint64_t remaining_;
};

// How many events one read of a stream asks for.
inline constexpr std::uint32_t kStreamPageEvents = 1000;

}  // namespace daybook::http
