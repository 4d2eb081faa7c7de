// Checks a data directory offline: that every block is whole, offsets and sequences have no gaps,
// groups with their queues and dead letters can be read, and that the index says exactly what the
// blocks say. Changes nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/base/ids.h"
#include "storage/base/result.h"

namespace daybook {

struct VerifyReport {
  Offset head;    // of the book
  Offset marked;  // what `head` says was on disk
  Offset posted;  // the index reaches this far
  std::uint64_t aggregates = 0;
  std::uint64_t postings = 0;        // recomputed from the blocks
  std::vector<std::string> damages;  // one line each, at most `kDamagesMax`; empty: all is right
};

inline constexpr std::size_t kDamagesMax = 100;

// `progress` is told how many of how many offsets were read. Takes memory for each aggregate's
// name, not for each event. Fails where the directory cannot be read at all, or a daemon runs on
// it.
Result<VerifyReport> verify(const std::string& data_dir,
                            const std::function<void(Offset, Offset)>& progress);

// Accepts the log as it is on disk: writes the head mark anew. Events beyond its end are lost.
// Returns the head.
Result<Offset> repair_head(const std::string& data_dir);

}  // namespace daybook
