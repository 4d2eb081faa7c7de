// Groups as they are shown.
#pragma once

#include <span>
#include <string>

#include "storage/model/group.h"

namespace daybook::json {

// In log mode what only queues fill is zero or false. A queue has more members, and `settings` that
// can be PUT again.
void append_group(std::string& out, const GroupInfo& group);

// {"groups":[…],"next_after":null}
void append_group_list(std::string& out, std::span<const GroupInfo> groups);

// {"committed":N}
void append_committed(std::string& out, Offset committed);

}  // namespace daybook::json
