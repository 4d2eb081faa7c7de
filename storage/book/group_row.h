// The bytes of a group's row; drawn in storage/FORMAT.md.
#pragma once

#include <string>
#include <string_view>

#include "storage/base/result.h"
#include "storage/model/group.h"

namespace daybook {

std::string encode(const GroupRow& row);
Result<GroupRow> decode_group_row(std::string_view bytes);

}  // namespace daybook
