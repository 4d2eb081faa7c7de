// Randomness that need not be secret: of ids, seeds and log ids.
#pragma once

#include <cstdint>

namespace daybook {

// Any thread; seeded from the operating system, per thread. Like `now()` never called by
// `LogWriter`: whoever makes a command stamps it.
std::uint64_t random_number();

}  // namespace daybook
