// See cursor.h. Ends of values are found without looking at what is inside strings.
#include "protocol/json/cursor.h"

#include <bit>

#include "protocol/json/scan.h"

namespace daybook::json {
namespace {

// From behind an opening quote to behind the closing one.
const char* skip_string(const char* at, const char* end) {
  for (;;) {
    unsigned stops = 0;
    while (end - at >= 16 && (stops = quotes16(at)) == 0) at += 16;
    if (stops != 0) at += std::countr_zero(stops);
    while (*at != '"' && *at != '\\') ++at;
    if (*at == '"') return at + 1;
    at += 2;
  }
}

const char* skip_nested(const char* at, const char* end) {
  for (std::size_t depth = 0;;) {
    const char c = *at++;
    if (c == '"') {
      at = skip_string(at, end);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at;
    }
  }
}

const char* skip_scalar(const char* at, const char* end) {
  while (at != end && *at != ',' && *at != '}' && *at != ']') ++at;
  return at;
}

}  // namespace

std::string_view Cursor::take() {
  const char* const begin = at_;
  if (is_string()) {
    at_ = skip_string(at_ + 1, end_);
  } else if (is_object() || is_array()) {
    at_ = skip_nested(at_, end_);
  } else {
    at_ = skip_scalar(at_, end_);
  }
  return {begin, static_cast<std::size_t>(at_ - begin)};
}

}  // namespace daybook::json
