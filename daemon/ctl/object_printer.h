// One JSON object, for people a line a member.
#pragma once

#include <string_view>

#include "daemon/ctl/context.h"

namespace daybook::ctl {

// With `--json` the text as it is.
void print_object(Context& context, std::string_view object);

}  // namespace daybook::ctl
