// A place in text that `minify` has passed. Every step trusts the text: no white space, no errors.
#pragma once

#include <cstddef>
#include <string_view>

namespace daybook::json {

class Cursor {
 public:
  Cursor() = default;
  explicit Cursor(std::string_view minified)
      : at_(minified.data()), end_(minified.data() + minified.size()) {}

  // The first byte of the value here: { [ " t f n - or a digit.
  char kind() const { return *at_; }
  bool is_null() const { return *at_ == 'n'; }
  bool is_object() const { return *at_ == '{'; }
  bool is_array() const { return *at_ == '['; }
  bool is_string() const { return *at_ == '"'; }
  bool is_number() const { return *at_ == '-' || (*at_ >= '0' && *at_ <= '9'); }

  // The text of the value here; steps behind it.
  std::string_view take();

  // Into the object or array here, to its first member or element; behind it, and false, where it
  // has none.
  bool enter() {
    at_ += 2;
    if (at_[-1] == '}' || at_[-1] == ']') return false;
    --at_;
    return true;
  }
  // From behind an element to the next one; behind the end of the whole, and false, at the last.
  bool next() { return *at_++ == ','; }

  // The member name here as it is spelt, without quotes; steps behind its colon.
  std::string_view take_name() {
    const std::string_view quoted = take();
    ++at_;
    return quoted.substr(1, quoted.size() - 2);
  }

 private:
  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace daybook::json
