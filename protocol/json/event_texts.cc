#include "protocol/json/event_texts.h"

#include "protocol/json/write_event.h"

namespace daybook::json {

std::string_view EventTexts::of(const EventView& event, Offset head) {
  if (slots_.empty()) slots_.resize(events_max);
  Slot& slot = slots_[event.offset.value % events_max];
  if (slot.offset == event.offset) return slot.text;
  scratch_.clear();
  append_event(scratch_, event);
  const bool is_new = event.offset + events_max > head && event.offset > slot.offset;
  if (!is_new || scratch_.size() > text_bytes_max) return scratch_;
  slot.offset = event.offset;
  slot.text = scratch_;
  return slot.text;
}

void EventTexts::append(std::string& out, std::span<const EventView> events, Offset head) {
  out += '[';
  for (const EventView& event : events) {
    out += of(event, head);
    out += ',';
  }
  if (!events.empty()) out.pop_back();
  out += ']';
}

std::size_t EventTexts::bytes() const {
  std::size_t bytes = 0;
  for (const Slot& slot : slots_) bytes += slot.text.capacity();
  return bytes;
}

}  // namespace daybook::json
