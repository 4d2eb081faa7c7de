// Waiting for the log, for long polls and live tails.
#pragma once

#include <chrono>

#include "protocol/backend.h"

namespace daybook::http {

// `stopping`: the port came back early with nothing new, which it does only when the daemon stops.
enum class Waited : std::uint8_t { above, timeout, stopping };

// Until the head is above `after`, for a second at most, however long `at_most` is: callers loop,
// so that what they watch beside the head is looked at too.
Awaitable<Waited> wait_a_while(LogPort& log, Offset after, std::chrono::milliseconds at_most);

}  // namespace daybook::http
