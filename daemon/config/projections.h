// The declared read models of the configuration, `[[projection]]`. Only the file has them: neither
// environment nor flags.
#pragma once

#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/toml.h"

namespace daybook::config {

// Fails with the code of what is wrong with one of them, naming its place.
Result<std::vector<ReadModel>> read_projections(const std::vector<Declaration>& declarations);

// bad_value where two of them want the same name or table, or where there is no database for them.
Result<void> check_projections(const Config& config);

// As TOML that `read_projections` reads back as the same.
std::string show(const ReadModel& model);

}  // namespace daybook::config
