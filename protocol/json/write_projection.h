// The declaration of a read model as text that is the same for the same declaration: what the
// database keeps, and what a changed declaration is found by.
#pragma once

#include <string>

#include "storage/model/read_model.h"

namespace daybook::json {

// What `read_projection` reads back as the same.
std::string write_projection(const ReadModel& model);

}  // namespace daybook::json
