// What one connection may hold at most, beside `limits::connection_unsent_bytes`.
#pragma once

#include <cstddef>

#include "storage/base/limits.h"

namespace daybook::ws {

inline constexpr std::size_t subscriptions_max = 256;
// Appends and commits that were read and not answered yet. At the bound no further frame is read.
inline constexpr std::size_t appends_in_flight_max = 1024;
inline constexpr std::size_t appends_in_flight_bytes_max = 16 << 20;
// Events are batched up to this; a single event may be larger.
inline constexpr std::size_t events_frame_bytes_max = 1 << 20;

static_assert(2 * events_frame_bytes_max <= limits::connection_unsent_bytes,
              "one frame is written while the next one is made");

}  // namespace daybook::ws
