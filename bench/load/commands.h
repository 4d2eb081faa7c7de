// The generator's subcommands.
#pragma once

#include <CLI/CLI.hpp>

namespace daybook::load {

// Each adds its subcommands to `app`; what was chosen leaves its exit code in `exit_code`.
void add_append_commands(CLI::App& app, int& exit_code);
void add_read_commands(CLI::App& app, int& exit_code);
void add_queue_commands(CLI::App& app, int& exit_code);
void add_posting_commands(CLI::App& app, int& exit_code);
void add_probe_commands(CLI::App& app, int& exit_code);

}  // namespace daybook::load
