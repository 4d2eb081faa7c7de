// Where PostgreSQL is, as an operator spells it and libpq reads it. Needs no connection; any
// thread.
#pragma once

#include <optional>
#include <string>

#include "storage/base/result.h"

namespace daybook::postgres {

// Whether libpq takes the text as a URL or as keywords, and would show no part of its password in
// messages. bad_value, for a person; quotes nothing of the text.
Result<void> check_target(const std::string& target);

// The target's keywords with "***" for each password; nullopt where it has none. Of a target that
// `check_target` takes.
std::optional<std::string> masked_target(const std::string& target);

}  // namespace daybook::postgres
