// Ids that the server makes: UUIDv7 (RFC 9562 §5.7) whose random bits carry a tag of the log and
// the offset, so that they cost no index entry and no look-up.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "storage/base/ids.h"
#include "storage/base/time.h"
#include "storage/book/head_mark.h"

namespace daybook {

using Uuid = std::array<std::uint8_t, 16>;

// 48 bits of milliseconds, version, 12 random bits, variant, 14 bits of the log, 48 of the offset.
Uuid make_server_id(const LogId& log, Offset offset, Timestamp recorded_at,
                    std::uint64_t randomness);

// The offset in the id, where it may be one of this log's: whether the event there has this very
// id is for the caller to see.
std::optional<Offset> offset_in(const LogId& log, std::string_view id);

}  // namespace daybook
