// Commits as the daemon makes them under load: each is decided before the one before it is on disk.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "storage/store.h"

namespace daybook::test {

inline void apply_overlapping(Store& store, std::span<const std::vector<Job*>> commits) {
  LogWriter& writer = store.writer();
  std::optional<PendingCommit> syncing;
  const auto end = [&] {
    if (!syncing) return;
    writer.sync(*syncing);
    writer.finish(*syncing);
  };
  for (const std::vector<Job*>& jobs : commits) {
    PendingCommit deciding = writer.begin();
    for (Job* job : jobs) writer.decide(*job, deciding);
    writer.seal(deciding);
    end();
    syncing = std::move(deciding);
  }
  end();
}

}  // namespace daybook::test
