// Reads the header `Retry-After` (RFC 9110 §10.2.3).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "storage/base/time.h"

namespace daybook::webhook {

// How long to wait, from seconds or from a date in any of HTTP's three forms: 0 to
// limits::delay_max. nullopt: it is neither.
std::optional<std::chrono::seconds> retry_after(const std::string& header, Timestamp now);

}  // namespace daybook::webhook
