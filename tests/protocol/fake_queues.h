// A queue in memory behind the queue port, for tests of handlers and sessions.
#pragma once

#include "protocol/backend.h"

namespace daybook::testing {

class FakeQueues final : public QueuePort {
 public:
  Awaitable<Result<Leased>> fetch(Fetch fetch) override;
  Awaitable<Result<std::unique_ptr<QueueMember>>> join(std::string queue,
                                                       std::string member) override;
  Awaitable<Result<std::vector<Offset>>> take(std::string queue, QueueStep step) override;
};

}  // namespace daybook::testing
