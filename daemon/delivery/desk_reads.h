// What a desk reads for its queue on a read thread. All wait for the disk.
#pragma once

#include <string>
#include <vector>

#include "storage/store.h"

namespace daybook {

// Dead letters as they will be kept; of an event that was one before, with its history. At least
// one, and no more than one commit should take: the rest is for the next turn.
Result<std::vector<BuryEvent>> read_burials(const Store& store, const std::string& queue,
                                            const std::vector<Burial>& burials);

// The next events, at most `max`, of an aggregate that waited behind a dead letter. `filter`: the
// queue's.
Result<ReleaseHeld> read_held(const Store& store, const std::string& queue, const Filter& filter,
                              const HeldRange& range, std::uint32_t max);

}  // namespace daybook
