// Filters, and the body of `POST /v1/query`.
#pragma once

#include <string_view>

#include "protocol/json/values.h"
#include "storage/base/limits.h"
#include "storage/base/result.h"
#include "storage/model/filter.h"
#include "storage/model/query.h"

namespace daybook::json {

// {…filter…, "after": 0, "limit": 100}
Result<Query> read_query(std::string_view body, const Limits& limits);

// A whole text that is one filter.
Result<Filter> read_filter(std::string_view body, const Limits& limits);

// A filter that is a member of another body.
Refusal read_filter(Values& in, Filter& filter);

}  // namespace daybook::json
