// The newest events as JSON text, so that one which goes to many live readers is encoded once. Of
// one thread and one log.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/model/event.h"

namespace daybook::json {

// An offset's text never changes: whoever adds a way to change one has to forget it here.
class EventTexts {
 public:
  // Kept is what is at most so far below the head, and no longer than this: a longer text is
  // payload for the most part, which is copied either way.
  static constexpr std::size_t events_max = 2048;
  static constexpr std::size_t text_bytes_max = 2048;

  // As `append_event` writes it. Valid until the next call.
  std::string_view of(const EventView& event, Offset head);
  // "[…,…]"
  void append(std::string& out, std::span<const EventView> events, Offset head);
  // What the kept texts take: at most twice `events_max * text_bytes_max`.
  std::size_t bytes() const;

 private:
  struct Slot {
    Offset offset;
    std::string text;
  };
  std::vector<Slot> slots_;  // by offset modulo their number; none before the first use
  std::string scratch_;
};

}  // namespace daybook::json
