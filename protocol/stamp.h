// What makes an append unique, given once when it was decoded: deciding it later is deterministic.
#pragma once

#include <chrono>

#include "storage/base/random.h"
#include "storage/model/command.h"

namespace daybook {

// Seals `append` with the wall clock and randomness of this thread.
inline void stamp(Append& append) {
  append.stamped_moment = std::chrono::steady_clock::now();
  append.seal(now(), random_number());
}

}  // namespace daybook
