// The declaration of a read model, as docs/read-models.md has it: the body of
// `PUT /v1/projections/{name}`, a `[[projection]]` of the configuration, what the database keeps.
#pragma once

#include <string_view>

#include "storage/base/result.h"
#include "storage/model/read_model.h"

namespace daybook::json {

// `name`: what it is called elsewhere; the text may then leave its name out, and may give no other.
Result<ReadModel> read_projection(std::string_view text, std::string_view name = {});

}  // namespace daybook::json
