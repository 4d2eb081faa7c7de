// Bodies of `…/dead-letters/retry` and `…/dead-letters/discard`, and of a projection's `…/retry`.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "storage/base/limits.h"
#include "storage/base/result.h"
#include "storage/model/dead_letter.h"

namespace daybook::json {

inline constexpr std::size_t choice_offsets_max = 10'000;

// {"offsets":[…]} or {"filter":{…}}, either with "after". `queue` is left empty. Offsets come
// back in order and without repeats, and none is at or below `after`.
Result<DeadLetterChange> read_dead_letter_change(std::string_view body, const Limits& limits);

// {"offsets":[…]}, in order and without repeats; {}: none are named.
Result<std::vector<Offset>> read_offset_choice(std::string_view body, const Limits& limits);

}  // namespace daybook::json
