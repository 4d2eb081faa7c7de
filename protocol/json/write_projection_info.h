// Projections as they are shown.
#pragma once

#include <span>
#include <string>

#include "storage/model/projection.h"

namespace daybook::json {

// {"name","kind",…,"definition"}
void append_projection(std::string& out, const ProjectionInfo& projection);

// [{"name",…},…]
void append_projections(std::string& out, std::span<const ProjectionInfo> projections);

// {"projections":[…],"next_after":null}
void append_projection_list(std::string& out, std::span<const ProjectionInfo> projections);

// {"failures":[{"offset","id","reason","original","failed_at"},…],"next_after":N}. The original is
// a string that holds JSON: it comes from a table that others may have changed.
void append_projection_failures(std::string& out, const ProjectionFailures& failures);

// {"posted":N,"failed":N}
void append_projection_retried(std::string& out, const ProjectionRetried& retried);

}  // namespace daybook::json
