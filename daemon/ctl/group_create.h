// daybook group create
#pragma once

#include "daemon/ctl/commands.h"

namespace daybook::ctl {

void add_group_create(CLI::App& group, Run& chosen);

}  // namespace daybook::ctl
