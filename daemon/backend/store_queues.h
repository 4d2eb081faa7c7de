// Queue groups behind the protocols: the dispatcher drives them.
#pragma once

#include "daemon/delivery/dispatcher.h"
#include "protocol/backend.h"

namespace daybook {

class StoreQueues final : public QueuePort {
 public:
  explicit StoreQueues(Dispatcher& dispatcher) : dispatcher_(dispatcher) {}

  Awaitable<Result<Leased>> fetch(Fetch fetch) override;
  Awaitable<Result<std::unique_ptr<QueueMember>>> join(std::string queue,
                                                       std::string member) override;
  Awaitable<Result<std::vector<Offset>>> take(std::string queue, QueueStep step) override;

 private:
  Dispatcher& dispatcher_;
};

}  // namespace daybook
