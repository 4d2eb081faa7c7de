// A small state machine over brackets and strings.
#include "daemon/ctl/event_splitter.h"

namespace daybook::ctl {

Error EventSplitter::at_line(std::string_view what) const {
  return Error{Errc::bad_json, "line " + std::to_string(line_) + ": " + std::string(what)};
}

Result<void> EventSplitter::feed(std::string_view bytes, const OnEvent& on_event) {
  for (const char c : bytes) {
    if (place_ == Place::in_event) {
      if (event_.size() == kEventBytesMax) return at_line("an event is longer than 64 MiB");
      event_ += c;
      if (inside(c)) {
        on_event(event_);
        event_.clear();
        place_ = Place::between;
        needs_comma_ = is_array_;
        wants_event_ = false;
      }
    } else if (auto done = outside(c); !done) {
      return done.error();
    }
    if (c == '\n') ++line_;
  }
  return {};
}

Result<void> EventSplitter::outside(char c) {
  if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return {};
  if (place_ == Place::after_array) return at_line("something stands behind the array");
  if (c == '[' && place_ == Place::start) {
    is_array_ = true;
    place_ = Place::between;
    return {};
  }
  if (is_array_ && c == ']' && !wants_event_) {
    place_ = Place::after_array;
    return {};
  }
  if (is_array_ && c == ',' && needs_comma_) {
    needs_comma_ = false;
    wants_event_ = true;
    return {};
  }
  if (c != '{' || needs_comma_) return at_line("an event is an object, and begins with {");
  place_ = Place::in_event;
  depth_ = 1;
  event_ = c;
  return {};
}

bool EventSplitter::inside(char c) {
  if (in_string_) {
    if (is_escaped_)
      is_escaped_ = false;
    else if (c == '\\')
      is_escaped_ = true;
    else if (c == '"')
      in_string_ = false;
    return false;
  }
  if (c == '"')
    in_string_ = true;
  else if (c == '{' || c == '[')
    ++depth_;
  else if (c == '}' || c == ']')
    --depth_;
  return depth_ == 0;
}

Result<void> EventSplitter::finish() const {
  if (place_ == Place::in_event) return at_line("the last event is cut off");
  if (is_array_ && place_ != Place::after_array) return at_line("the array has no end");
  return {};
}

}  // namespace daybook::ctl
