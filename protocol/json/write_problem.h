// Errors as clients see them (RFC 9457).
#pragma once

#include <string>

#include "storage/base/error.h"

namespace daybook::json {

// {"type":"urn:daybook:error:sequence-conflict","title":…,"status":409,"detail":…,"code":…,
//  "pointer"?,"conflicts"?,"first_offset"?}
void append_problem(std::string& out, const Error& error, unsigned status);

// "code":…,"detail":… and what else there is, without braces: for an `error` frame.
void append_error_members(std::string& out, const Error& error);

}  // namespace daybook::json
