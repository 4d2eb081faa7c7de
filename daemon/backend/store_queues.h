// Queue groups behind the protocols.
#pragma once

#include "protocol/backend.h"

namespace daybook {

class StoreQueues final : public QueuePort, public DeadLetterPort, public ReplayPort {
 public:
  Awaitable<Result<Leased>> fetch(Fetch fetch) override;
  Awaitable<Result<std::unique_ptr<QueueMember>>> join(std::string queue,
                                                       std::string member) override;
  Awaitable<Result<std::vector<Offset>>> take(std::string queue, QueueStep step) override;
  Awaitable<Result<DeadLetterPage>> list(List list) override;
  Awaitable<Result<Changed>> retry(Change change) override;
  Awaitable<Result<Changed>> discard(Change change) override;
  Awaitable<Result<ReplayInfo>> create(Create create) override;
  Result<ReplayInfo> find(const std::string& id) const override;
  std::vector<ReplayInfo> list() const override { return {}; }
  Awaitable<Result<ReplayInfo>> pause(std::string id, bool paused) override;
  Awaitable<Result<ReplayInfo>> cancel(std::string id) override;
  Awaitable<Result<void>> remove(std::string id) override;
};

}  // namespace daybook
