// Cuts a file of events into the text of each: JSON lines (or objects one after the other), or one
// array of objects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "storage/base/result.h"

namespace daybook::ctl {

// Bytes may be cut anywhere; memory is bounded by the longest event. What an event says is for the
// daemon to check.
class EventSplitter {
 public:
  static constexpr std::size_t kEventBytesMax = 64 << 20;
  using OnEvent = std::function<void(std::string_view text)>;

  // Fails with bad_json, naming the line, where something else than an object stands.
  Result<void> feed(std::string_view bytes, const OnEvent& on_event);

  // At the end of the file: fails if an event or the array is not complete.
  Result<void> finish() const;

 private:
  enum class Place : std::uint8_t { start, between, in_event, after_array };

  Result<void> outside(char c);
  bool inside(char c);  // whether the event ends with `c`
  Error at_line(std::string_view what) const;

  Place place_ = Place::start;
  bool is_array_ = false;
  bool needs_comma_ = false;  // in an array: before the next event
  bool wants_event_ = false;  // in an array: a comma stands before
  bool in_string_ = false;
  bool is_escaped_ = false;
  std::size_t depth_ = 0;
  std::size_t line_ = 1;
  std::string event_;
};

}  // namespace daybook::ctl
