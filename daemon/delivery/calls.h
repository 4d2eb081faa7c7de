// What is brought to a desk. Each lives in the frame of whoever waits for it.
#pragma once

#include <string>
#include <vector>

#include "storage/base/result.h"
#include "storage/model/queue.h"

namespace daybook {

// What a member was given of one queue: its group, or a replay that goes to it.
struct Lot {
  std::string queue;
  std::vector<Delivery> deliveries;
};

// A member that could take events. Answered with none when `until` has come, when it was woken, or
// when the daemon stops.
struct Ask {
  std::string member;
  std::uint32_t max = 0;
  bool connected = false;  // by a connection that says when it is gone
  Moment until = Moment::max();
  Result<std::vector<Lot>> lots;
};

struct StepCall {
  std::string queue;
  QueueStep step;
  Result<StepResult> result;
};

}  // namespace daybook
