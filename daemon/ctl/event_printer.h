// Events as people and programs read them.
#pragma once

#include <string_view>

#include "daemon/ctl/context.h"
#include "daemon/ctl/table.h"

namespace daybook::ctl {

// With `--json` a line each, as the daemon sent it; else a table.
class EventPrinter {
 public:
  explicit EventPrinter(Context& context);

  void add(std::string_view event);
  void flush();  // what was added is seen now

 private:
  Context& context_;
  Table table_;
};

}  // namespace daybook::ctl
