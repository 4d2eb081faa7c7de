// The settings of a group that only queue mode has. HTTP.md lists them with their bounds.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "protocol/json/values.h"
#include "storage/model/group.h"

namespace daybook::json {

inline constexpr std::array<std::string_view, 10> kQueueSettings = {
    "order",          "ack_timeout_ms",  "max_deliveries", "backoff_ms",    "max_in_flight",
    "max_unfinished", "block_aggregate", "breaker_window", "breaker_ratio", "push"};

// The value at `in` of the member that `kQueueSettings` has at `index`.
Refusal read_queue_setting(Values& in, std::size_t index, QueueSettings& queue);

// What the settings say against each other, once all are read.
Refusal check_queue_settings(const QueueSettings& queue);

}  // namespace daybook::json
