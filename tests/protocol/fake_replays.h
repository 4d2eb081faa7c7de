// Dead letters and replays in memory behind their ports, for tests of handlers.
#pragma once

#include "protocol/backend.h"

namespace daybook::testing {

class FakeDeadLetters final : public DeadLetterPort {
 public:
  Awaitable<Result<DeadLetterPage>> list(List list) override;
  Awaitable<Result<Changed>> retry(Change change) override;
  Awaitable<Result<Changed>> discard(Change change) override;
};

class FakeReplays final : public ReplayPort {
 public:
  Awaitable<Result<ReplayInfo>> create(Create create) override;
  Result<ReplayInfo> find(const std::string& id) const override;
  std::vector<ReplayInfo> list() const override { return {}; }
  Awaitable<Result<ReplayInfo>> pause(std::string id, bool paused) override;
  Awaitable<Result<ReplayInfo>> cancel(std::string id) override;
  Awaitable<Result<void>> remove(std::string id) override;
};

}  // namespace daybook::testing
