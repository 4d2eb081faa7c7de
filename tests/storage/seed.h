// The seed of a random test: always the same one, so that a run tells about a change and not about
// luck; the environment's DAYBOOK_SEED gives another, or "random" (`./dev check`). It is printed.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string_view>

namespace daybook {

inline constexpr std::uint64_t kUsualSeed = 20261121;

inline std::uint64_t test_seed() {
  static const std::uint64_t seed = [] {
    const char* given = std::getenv("DAYBOOK_SEED");
    const bool is_random = given && std::string_view(given) == "random";
    const std::uint64_t chosen = is_random ? std::random_device()()
                                 : given   ? std::strtoull(given, nullptr, 10)
                                           : kUsualSeed;
    std::cout << "DAYBOOK_SEED=" << chosen << std::endl;
    return chosen;
  }();
  return seed;
}

}  // namespace daybook
