// What Prometheus is told of deliveries since the start: desks count, anybody reads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "storage/model/queue.h"

namespace daybook {

struct DeliveryCounts {
  using Count = std::atomic<std::uint64_t>;
  Count deliveries{0};
  Count acks{0};
  std::array<Count, 3> failed{};  // by FailureKind, its value minus 1
  std::array<Count, static_cast<std::size_t>(Idle::bug) + 1> stalls{};  // episodes, by Idle
};

}  // namespace daybook
