// What the disk itself takes: appending 4 KiB to a file and waiting for fdatasync.
#pragma once

#include <string>

#include "bench/load/measure.h"

namespace daybook::load {

struct SyncProbeOptions {
  std::string directory;
  double seconds = 3;
  std::uint64_t appends_max = 20'000;
};

// The file is removed before it returns.
Measured probe_sync(const SyncProbeOptions& options);

}  // namespace daybook::load
