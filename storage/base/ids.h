// An Offset is a place in the log, a Sequence a place in one aggregate. Both count from 1 without
// gaps; 0 means "before the first". They never mix.
#pragma once

#include <compare>
#include <cstdint>

namespace daybook {

template <class Tag>
struct Position {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(Position, Position) = default;
  friend constexpr Position operator+(Position p, std::uint64_t n) { return {p.value + n}; }
  friend constexpr Position operator-(Position p, std::uint64_t n) { return {p.value - n}; }
  friend constexpr std::uint64_t operator-(Position a, Position b) { return a.value - b.value; }
};

using Offset = Position<struct OffsetTag>;
using Sequence = Position<struct SequenceTag>;

inline constexpr Offset kEndOfLog{~std::uint64_t{0}};

}  // namespace daybook
