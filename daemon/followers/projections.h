// The projections of this daemon behind the protocols.
#pragma once

#include "protocol/backend.h"

namespace daybook {

class Projections final : public ProjectionPort {
 public:
  std::vector<ProjectionInfo> list() const override;
  Awaitable<Result<ProjectionInfo>> find(std::string name) override;
  Awaitable<Result<void>> reach(std::string name, Offset offset,
                                std::chrono::milliseconds wait) override;
  Awaitable<Result<ProjectionInfo>> rebuild(std::string name) override;
  Awaitable<Result<ProjectionInfo>> pause(std::string name, bool paused) override;
  Awaitable<Result<ProjectionFailures>> failures(ListFailures list) override;
  Awaitable<Result<ProjectionRetried>> retry(std::string name,
                                             std::vector<Offset> offsets) override;
  Awaitable<Result<Put>> put(std::string name, std::string definition) override;
  Awaitable<Result<void>> remove(std::string name) override;
};

}  // namespace daybook
