// See sse.h.
#include "protocol/http/sse.h"

#include "protocol/http/export.h"
#include "protocol/json/escape.h"
#include "storage/base/limits.h"

namespace daybook::http {
namespace {

void append_id(std::string& out, Offset offset) {
  out += "id: ";
  json::append_unsigned(out, offset.value);
}

void append_offset_data(std::string& out, Offset offset) {
  out += "\ndata: {\"offset\":";
  json::append_unsigned(out, offset.value);
  out += "}\n\n";
}

}  // namespace

SseCore::SseCore(Offset after, Time now)
    : position_(after),
      sent_id_(after),
      next_checkpoint_(now + limits::checkpoint_interval),
      next_heartbeat_(now + kHeartbeatInterval) {}

void SseCore::event(std::string& out, Offset offset, std::string_view text) {
  append_id(out, offset);
  out += "\ndata: ";
  out += text;
  out += "\n\n";
  position_ = sent_id_ = offset;
}

void SseCore::page_end(std::string& out, const Page& page) {
  position_ = std::max(position_, page.examined);
  const bool reached_end = !page.next;
  if (reached_end) position_ = std::max(position_, page.head);
  if (reached_end && !caught_up_) {
    out += "event: caught_up";
    append_offset_data(out, position_);
  }
  caught_up_ = reached_end;
}

void SseCore::checkpoint(std::string& out, Time now) {
  out += "event: checkpoint\n";
  append_id(out, position_);
  append_offset_data(out, position_);
  sent_id_ = position_;
  next_checkpoint_ = now + limits::checkpoint_interval;
}

void SseCore::tick(std::string& out, Time now) {
  if (now >= next_checkpoint_ || position_ - sent_id_ >= limits::checkpoint_events)
    checkpoint(out, now);
  if (now < next_heartbeat_) return;
  out += ": heartbeat\n\n";
  next_heartbeat_ = now + kHeartbeatInterval;
}

std::chrono::milliseconds SseCore::until_due(Time now) const {
  const auto left = std::min(next_checkpoint_, next_heartbeat_) - now;
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(left), std::chrono::milliseconds(0));
}

SseStream::SseStream(LogPort& log, Query query, Page first)
    : log_(log),
      query_(std::move(query)),
      page_(std::move(first)),
      live_(log_, query_.filter),
      core_(query_.after, std::chrono::steady_clock::now()) {}

void SseStream::write_page(std::string& out) {
  json::EventTexts& texts = log_.event_texts();
  for (; at_ < page_.events.size() && out.size() < kPieceBytes; ++at_) {
    const EventView& event = page_.events[at_];
    core_.event(out, event.offset, texts.of(event, page_.head));
  }
  if (at_ < page_.events.size() || page_ended_) return;
  core_.page_end(out, page_);
  page_ended_ = true;
  page_ = {};  // A tail that waits pins no blocks.
  at_ = 0;
}

// False where the tail is over.
Awaitable<bool> SseStream::read() {
  query_.after = core_.position();
  Result<Page> page = co_await log_.read(query_);
  if (!page) co_return false;
  page_ = std::move(*page);
  at_ = 0;
  page_ended_ = false;
  co_return true;
}

Awaitable<std::optional<std::string>> SseStream::next() {
  for (;;) {
    std::string out;
    write_page(out);
    const Offset quiet = live_.interest().quiet_up_to(core_.position());
    core_.pass_over(quiet);
    const auto now = std::chrono::steady_clock::now();
    core_.tick(out, now);
    if (!out.empty()) co_return out;
    const bool waits = core_.caught_up() && !live_.interest().may_match_above(quiet);
    Awaitable<bool> step = waits ? live_.wait(quiet, core_.until_due(now)) : read();
    const bool goes_on = co_await std::move(step);
    if (!goes_on) co_return std::nullopt;
  }
}

}  // namespace daybook::http
