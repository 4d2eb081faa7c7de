// The projections of this daemon behind the protocols.
#pragma once

#include "daemon/followers/followers.h"
#include "daemon/threads/read_pool.h"
#include "protocol/backend.h"

namespace daybook {

class Projections final : public ProjectionPort {
 public:
  Projections(Followers& followers, const Store& store, ReadPool& readers)
      : followers_(followers), store_(store), readers_(readers) {}

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
  Result<std::shared_ptr<Projection>> follower(const std::string& name) const;
  Result<PostgresProjection::Ptr> in_postgres(const std::string& name) const;
  Result<PostgresFollowers*> postgres() const;
  template <class T>
  Awaitable<T> ask(Awaitable<T> task);

  Followers& followers_;
  const Store& store_;
  ReadPool& readers_;
};

}  // namespace daybook
