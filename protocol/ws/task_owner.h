// Whoever runs what a session does beside its two halves.
#pragma once

#include "protocol/backend.h"

namespace daybook::ws {

// Runs tasks on the session's strand. They begin in the order in which they were given; what they
// throw is logged under `name`.
class TaskOwner {
 public:
  virtual ~TaskOwner() = default;
  virtual void spawn(const char* name, Awaitable<void> task) = 0;
};

}  // namespace daybook::ws
