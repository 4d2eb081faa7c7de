// Opens a request body for the readers of its members.
#pragma once

#include <string_view>
#include <utility>

#include "protocol/json/minify.h"
#include "protocol/json/values.h"
#include "storage/base/limits.h"

namespace daybook::json {

// Has `read(Values&, T&)` fill a T from the body. What is kept of the text has to be copied.
template <class T, class Read>
Result<T> read_body(std::string_view body, const Limits& limits, Read read) {
  Text text;
  const auto json = minify_into(text, body, limits.json_depth_max);
  if (!json) return json.error();
  Values in{Cursor(*json), &text};
  T out{};
  if (auto refused = read(in, out)) return std::move(*refused);
  return out;
}

}  // namespace daybook::json
