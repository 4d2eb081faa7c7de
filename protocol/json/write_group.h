// Groups as they are shown.
#pragma once

#include <span>
#include <string>

#include "storage/model/group.h"

namespace daybook::json {

// Members that only queue mode fills are zero or false.
void append_group(std::string& out, const GroupInfo& group);

// {"groups":[…],"next_after":null}
void append_group_list(std::string& out, std::span<const GroupInfo> groups);

// {"committed":N}
void append_committed(std::string& out, Offset committed);

}  // namespace daybook::json
