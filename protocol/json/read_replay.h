// The body of `POST /v1/replays`.
#pragma once

#include <string_view>

#include "storage/base/limits.h"
#include "storage/base/result.h"
#include "storage/model/group.h"

namespace daybook::json {

// {"group","filter","from","to"}, all optional. Ends are offsets or times; where they are of one
// kind `from` must not lie behind `to`.
Result<ReplayRequest> read_replay(std::string_view body, const Limits& limits);

}  // namespace daybook::json
