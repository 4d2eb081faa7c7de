// What the declaration of a read model says together: all that can be known without a database.
#pragma once

#include "protocol/json/values.h"
#include "storage/model/read_model.h"

namespace daybook::json {

// Why nothing can be made of it, with the place in its JSON; null: all is well.
Refusal check_read_model(const ReadModel& model);

}  // namespace daybook::json
