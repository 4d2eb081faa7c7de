// Decides appends: whether one repeats an earlier one, which of its checks fail. Reads its evidence
// and memory, never the disk; changes nothing.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "storage/evidence.h"
#include "storage/groups.h"
#include "storage/index/window.h"
#include "storage/model/command.h"
#include "storage/recent_requests.h"

namespace daybook {

// An event decided in the commit that is being put together: in no block yet.
struct PendingEvent {
  const Draft* draft;
  Offset offset;
};

// The head of the log while a commit is put together, and what is not in a block yet.
struct Tail {
  Offset written;
  std::vector<PendingEvent> pending;  // the offsets up to `written` that follow the committed head
  RecentRequests requests;
};

struct Accept {};
// The events are there already.
struct Repeat {
  Offset first;
  std::uint32_t count = 0;
};
using Verdict = std::variant<Accept, Repeat>;

// `evidence_stale` where the evidence is older than the window: gather again.
Result<Verdict> decide(const Append& append, const Evidence& evidence, const Window& window,
                       const Tail& tail, const Groups& groups);

// The head of the aggregate of an event of the append, as written.
Sequence head_of(std::string_view aggregate_term, Sequence evidence, const Window& window);

}  // namespace daybook
