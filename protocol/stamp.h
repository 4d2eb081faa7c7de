// What makes an append unique, given once when it was decoded: deciding it later is deterministic.
#pragma once

#include <random>

#include "storage/model/command.h"

namespace daybook {

// Seals `append` with the wall clock and randomness of this thread.
inline void stamp(Append& append) {
  thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  append.seal(now(), random());
}

}  // namespace daybook
