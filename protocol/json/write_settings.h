// Filters and the settings of groups, as they would be sent.
#pragma once

#include <string>
#include <string_view>

#include "storage/model/group.h"

namespace daybook::json {

std::string_view name(GroupMode mode);
std::string_view name(GroupOrder order);

// What it asks, and nothing else: {} asks nothing.
void append_filter(std::string& out, const Filter& filter);

// A body of `PUT /v1/groups/{group}` that changes nothing, but for the secret of a push, which is
// never shown.
void append_group_settings(std::string& out, const GroupSettings& settings);

}  // namespace daybook::json
