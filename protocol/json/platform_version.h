// The Platform's `version`: an integer, or what its validator takes for one.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "protocol/json/platform_issue.h"
#include "protocol/json/values.h"

namespace daybook::json {

// "7" → 7, 2.0 → 2, true → 1; what does not fit 32 bits is refused.
std::variant<std::int32_t, PlatformIssue> read_platform_version(const Place& place);

// The version that a Platform reader is shown of any event's schema_version: of a string the number
// that it begins with, else 1.
std::string_view shown_version(std::string_view schema_version);

}  // namespace daybook::json
