// Files beside RocksDB's that must survive a power cut. Each call waits for the disk; an error is
// `io_failed` and names the path.
#pragma once

#include <string>
#include <string_view>

#include "storage/base/result.h"

namespace daybook {

// The file holds these bytes and no others, on disk. A new name is there only once its directory
// was synced, too.
Result<void> write_synced(const std::string& path, std::string_view bytes);
// The names in the directory stay as they are.
Result<void> sync_directory(const std::string& directory);

}  // namespace daybook
