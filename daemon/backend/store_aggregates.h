// Reads by aggregate, on a read thread.
#pragma once

#include "daemon/threads/read_pool.h"
#include "protocol/backend.h"
#include "storage/store.h"

namespace daybook {

class StoreAggregates final : public AggregatePort {
 public:
  StoreAggregates(const Store& store, ReadPool& readers) : store_(store), readers_(readers) {}

  Awaitable<Result<AggregateInfo>> find(std::string type, std::string id) override;
  Awaitable<Result<Page>> read(AggregateQuery query) override;
  Awaitable<Result<AggregateList>> list(AggregateListQuery query) override;

 private:
  const Store& store_;
  ReadPool& readers_;
};

}  // namespace daybook
