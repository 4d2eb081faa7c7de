// The values of an answer, as what they are here. For columns that are never NULL.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "replication/postgres/connection.h"
#include "storage/base/ids.h"

namespace daybook::postgres {

inline std::string text_at(const Rows& rows, std::size_t row, std::size_t column) {
  return std::string(rows.at(row, column).value_or(""));
}

template <class Number>
Number number_at(const Rows& rows, std::size_t row, std::size_t column) {
  const std::string_view text = rows.at(row, column).value_or("");
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// As a parameter for a bigint: no event has an offset above that.
inline std::string to_bigint(Offset offset) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return std::to_string(std::min(offset.value, kMost));
}

}  // namespace daybook::postgres
