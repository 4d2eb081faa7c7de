// See list.h.
#include "protocol/platform/list.h"

#include <stdexcept>

#include "protocol/http/export.h"
#include "protocol/json/platform.h"

namespace daybook::platform {

EventList::EventList(LogPort& log, ListRequest request)
    : log_(log), request_(std::move(request)), head_(log.head()) {
  request_.query.limit = http::kStreamPageEvents;
  page_.next = Offset{};
}

// The page after this one; `page_.next` says whether there is one. Events above the head of the
// first moment are left out: writers go on meanwhile, and the array must end.
Awaitable<Result<void>> EventList::read_page() {
  const bool up = request_.query.order == Order::ascending;
  if (started_) (up ? request_.query.after : request_.query.before) = *page_.next;
  started_ = true;
  Result<Page> page = co_await log_.read(request_.query);
  if (!page) co_return page.error();
  page_ = std::move(*page);
  at_ = 0;
  if (up && page_.next && *page_.next >= head_) page_.next.reset();
  co_return Result<void>();
}

void EventList::write(std::string& out, const EventView& event) {
  if (event.offset > head_) return;
  const std::string_view type = request_.exact_event_type;
  if (!type.empty() && event.event_type != type) return;
  if (request_.skip > 0) {
    --request_.skip;
    return;
  }
  if (wrote_any_) out += ',';
  wrote_any_ = true;
  --request_.limit;
  json::append_platform_event(out, event);
}

Awaitable<Result<std::string>> EventList::piece() {
  std::string out;
  if (!started_) out += '[';
  while (request_.limit > 0 && out.size() < http::kPieceBytes) {
    if (at_ < page_.events.size()) {
      write(out, page_.events[at_++]);
      continue;
    }
    if (!page_.next) break;
    Result<void> read = co_await read_page();
    if (!read) co_return read.error();
  }
  const bool more = request_.limit > 0 && (at_ < page_.events.size() || page_.next);
  if (!more) {
    out += ']';
    done_ = true;
  }
  co_return out;
}

Awaitable<Result<void>> EventList::start() {
  Result<std::string> first = co_await piece();
  if (!first) co_return first.error();
  first_ = std::move(*first);
  co_return Result<void>();
}

Awaitable<std::optional<std::string>> EventList::next() {
  if (!first_sent_) {
    first_sent_ = true;
    co_return std::move(first_);
  }
  if (done_) co_return std::nullopt;
  Result<std::string> piece_text = co_await piece();
  if (!piece_text) throw std::runtime_error("a list broke off: " + piece_text.error().detail);
  co_return std::move(*piece_text);
}

}  // namespace daybook::platform
