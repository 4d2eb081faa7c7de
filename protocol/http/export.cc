// See export.h.
#include "protocol/http/export.h"

#include <stdexcept>

#include "protocol/json/write_event.h"

namespace daybook::http {

ExportStream::ExportStream(LogPort& log, Query query, Page first, std::uint64_t events_max)
    : log_(log), query_(std::move(query)), head_(first.head), remaining_(events_max) {
  query_.limit = kStreamPageEvents;
  take(std::move(first));
}

// Writers go on meanwhile: without this an export might chase the head for ever.
bool ExportStream::is_past_end(const EventView& event) const {
  return query_.order == Order::ascending && event.offset > head_;
}

void ExportStream::take(Page page) {
  page_ = std::move(page);
  at_ = 0;
  const bool up = query_.order == Order::ascending;
  if (page_.next && up && *page_.next >= head_) page_.next.reset();
  if (page_.next) (up ? query_.after : query_.before) = *page_.next;
}

Awaitable<std::optional<std::string>> ExportStream::next() {
  while (at_ == page_.events.size()) {
    if (!page_.next || remaining_ == 0) co_return std::nullopt;
    Result<Page> page = co_await log_.read(query_);
    if (!page) throw std::runtime_error("an export broke off: " + page.error().detail);
    take(std::move(*page));
  }
  std::string out;
  for (; at_ < page_.events.size() && out.size() < kPieceBytes; ++at_) {
    if (remaining_ == 0 || is_past_end(page_.events[at_])) {
      at_ = page_.events.size();
      page_.next.reset();
      break;
    }
    --remaining_;
    json::append_event(out, page_.events[at_]);
    out += '\n';
  }
  co_return out;
}

}  // namespace daybook::http
