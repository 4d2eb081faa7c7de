// daybookd's command line.
#pragma once

#include <optional>
#include <string>

#include "daemon/config/config.h"

namespace daybook::config {

struct CommandLine {
  Sources sources;                  // `environment` is left to the caller
  bool check_config = false;        // load the configuration, say what is wrong, and end
  bool version = false;             // say the version, and end
  std::optional<std::string> help;  // set by --help: print it, and end
};

// Fails with bad_parameter, the detail for standard error.
Result<CommandLine> parse_command_line(int argc, const char* const* argv);

}  // namespace daybook::config
