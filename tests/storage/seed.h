// The seed of a random test. It is printed; the environment's DAYBOOK_SEED replays one.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>

namespace daybook {

inline std::uint64_t test_seed() {
  static const std::uint64_t seed = [] {
    const char* given = std::getenv("DAYBOOK_SEED");
    const std::uint64_t chosen = given ? std::strtoull(given, nullptr, 10) : std::random_device()();
    std::cout << "DAYBOOK_SEED=" << chosen << std::endl;
    return chosen;
  }();
  return seed;
}

}  // namespace daybook
