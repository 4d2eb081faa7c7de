// Spans of time as a person writes them.
#pragma once

#include <chrono>
#include <string_view>

namespace daybook::ctl {

// "500ms", "30s", "5m", "2h"; a number alone is in seconds. Throws Failure (usage) for anything
// else, and for more than 1000 hours.
std::chrono::milliseconds parse_duration(std::string_view text);

}  // namespace daybook::ctl
