// Reads TOML into assignments; knows no keys.
#pragma once

#include <string_view>
#include <vector>

#include "daemon/config/value.h"
#include "storage/base/result.h"

namespace daybook::config {

// One assignment per value, its key dotted, its origin "NAME:LINE". Fails with bad_value naming the
// place if the text is not TOML.
Result<std::vector<Assignment>> parse_toml(std::string_view text, std::string_view name);

}  // namespace daybook::config
