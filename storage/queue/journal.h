// Where the rows of a queue go. A queue is one snapshot and the changes since: each commit writes
// one row, which says what became of the events that the commit touched. Change n goes into slot
// 1 + n % slots, over an older one that a snapshot has made useless; the snapshot has slot 0.
#pragma once

#include <cstdint>

namespace daybook {

inline constexpr std::uint32_t kJournalSlots = 256;  // of changes
inline constexpr std::uint32_t kSnapshotSlot = 0;

}  // namespace daybook
