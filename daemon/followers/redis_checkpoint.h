// The checkpoint of Redis in the book: the committed offset of a group that nobody reads, so that
// it is as durable as those of groups, and by the same commit.
#pragma once

#include "daemon/backend/store_log.h"
#include "replication/redis/checkpoint_store.h"
#include "storage/store.h"

namespace daybook {

class RedisCheckpoint final : public redis::CheckpointStore {
 public:
  RedisCheckpoint(const Store& store, Writer& writer) : store_(store), writer_(writer) {}

  std::optional<Offset> load() const override;
  Awaitable<Result<void>> save(Offset offset) override;

 private:
  const Store& store_;
  Writer& writer_;
};

}  // namespace daybook
