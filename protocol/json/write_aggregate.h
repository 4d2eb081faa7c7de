// Aggregates as they are shown.
#pragma once

#include <string>

#include "storage/model/query.h"

namespace daybook::json {

void append_aggregate(std::string& out, const AggregateInfo& aggregate);

// {"aggregates":[…],"next_after":"cursor"}
void append_aggregate_list(std::string& out, const AggregateList& list);

}  // namespace daybook::json
