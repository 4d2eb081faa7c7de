// Replays behind the protocols: queues with a range, under a name that no group can have.
#pragma once

#include "daemon/backend/store_log.h"
#include "daemon/delivery/dispatcher.h"
#include "protocol/backend.h"

namespace daybook {

class StoreReplays final : public ReplayPort {
 public:
  StoreReplays(Store& store, Writer& writer, Dispatcher& dispatcher)
      : store_(store), writer_(writer), dispatcher_(dispatcher) {}

  Awaitable<Result<ReplayInfo>> create(Create create) override;
  Result<ReplayInfo> find(const std::string& id) const override;
  std::vector<ReplayInfo> list() const override;
  Awaitable<Result<ReplayInfo>> pause(std::string id, bool paused) override;
  Awaitable<Result<ReplayInfo>> cancel(std::string id) override;
  Awaitable<Result<void>> remove(std::string id) override;

 private:
  Awaitable<Result<ReplayInfo>> change(std::string id, Command command);
  ReplayInfo info(std::string id, GroupRow row) const;

  Store& store_;
  Writer& writer_;
  Dispatcher& dispatcher_;
};

}  // namespace daybook
