// The groups as they stand in book/: which rows belong together, and what they say.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/base/result.h"
#include "storage/engine/database.h"
#include "storage/model/group.h"
#include "storage/queue/queue.h"

namespace daybook {

// Everything that column `groups` has of one name.
struct StoredGroup {
  std::string name;
  std::string row;                   // empty: rows of a queue without their group
  std::vector<QueueRow> queue_rows;  // by slot
};

// Visits them by name. Ends early with the error of `visit`, or where a row cannot be read.
Result<void> each_group(const engine::Database& book,
                        const std::function<Result<void>(const StoredGroup&)>& visit);

struct OpenedGroup {
  GroupRow row;
  std::unique_ptr<Queue> queue;  // nullptr in log mode
};

// `corrupted` where rows are damaged, missing or too many; the detail names the group. `now`: see
// `Queue::recover`.
Result<OpenedGroup> open_group(const StoredGroup& stored, QueueTime now);

// For a person: names of replays and followers begin with a control character.
std::string readable_name(const std::string& group);

}  // namespace daybook
