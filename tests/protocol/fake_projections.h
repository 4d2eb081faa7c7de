// Projections in memory, behind the port.
#pragma once

#include <map>

#include "protocol/backend.h"

namespace daybook::testing {

class FakeProjections final : public ProjectionPort {
 public:
  std::map<std::string, ProjectionInfo> projections;
  std::map<std::string, ProjectionFailures> failed;
  std::optional<Error> away;  // what everything that asks PostgreSQL fails with
  ListFailures listed;        // the last list that was asked for
  std::vector<Offset> retried;

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

 private:
  Result<ProjectionInfo*> at(const std::string& name);
};

}  // namespace daybook::testing
