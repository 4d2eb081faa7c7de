// Checks offline what book/ has of groups: their rows, the rows of queues, and dead letters.
#pragma once

#include <functional>
#include <string>

#include "storage/base/ids.h"
#include "storage/base/result.h"
#include "storage/engine/database.h"

namespace daybook {

// `damage` is told each one found. Fails where the disk does.
Result<void> verify_groups(const engine::Database& book, Offset head,
                           const std::function<void(std::string)>& damage);

}  // namespace daybook
