// Which rows a queue writes, and where. A queue is one snapshot and the changes since: each commit
// writes one row, which says what became of the events that the commit touched. Change n goes into
// slot 1 + n % kJournalSlots, over one that a later snapshot has made useless.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "storage/base/result.h"
#include "storage/queue/queue.h"
#include "storage/queue/queue_row.h"

namespace daybook {

inline constexpr std::uint32_t kSnapshotSlot = 0;
inline constexpr std::uint32_t kJournalSlots = 256;  // of changes, from 1 on

namespace queue {

class Journal {
 public:
  // The next row has to be a snapshot: changes would not say what happened.
  void begin_anew() { anew_ = true; }
  bool wants_snapshot() const;
  // Numbers the row and gives it its slot.
  QueueRow add(Row row);

  // The snapshot with the changes after it, as one; goes on after the last of them. `corrupted`
  // where a row is damaged or missing.
  Result<Row> recover(const std::vector<QueueRow>& rows);

 private:
  bool anew_ = true;
  std::uint64_t last_ = 0;      // the number of the last row
  std::uint64_t snapshot_ = 0;  // and of the last snapshot
  std::size_t snapshot_bytes_ = 0;
  std::size_t change_bytes_ = 0;  // since then
};

}  // namespace queue
}  // namespace daybook
