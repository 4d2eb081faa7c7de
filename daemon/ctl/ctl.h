// The `daybook` command, apart from the process it runs in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/ctl/context.h"

namespace daybook::ctl {

// `arguments` without the program's name.
Exit run(std::vector<std::string> arguments, const Streams& streams, std::string_view version);

}  // namespace daybook::ctl
