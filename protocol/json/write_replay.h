// Replays as they are shown.
#pragma once

#include <span>
#include <string>

#include "storage/model/dead_letter.h"
#include "storage/model/group.h"

namespace daybook::json {

// {"id","group",…,"created_at","failures":[…],"failures_next_after":N}
void append_replay(std::string& out, const ReplayInfo& replay, const DeadLetterPage& failures);

// {"replays":[…],"next_after":null}, each without its failures.
void append_replay_list(std::string& out, std::span<const ReplayInfo> replays);

}  // namespace daybook::json
