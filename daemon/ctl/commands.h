// The commands of `daybook`, one file each. A new one is its file and a line here, in commands.cc
// and in CMakeLists.txt.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <span>

#include "daemon/ctl/context.h"

namespace daybook::ctl {

// What the command line asks for: runs once it has been read. Throws Failure.
using Run = std::function<void(Context&)>;

// Declares a command and its flags; reading one sets `chosen`.
using AddCommand = void (*)(CLI::App& app, Run& chosen);

void add_append(CLI::App& app, Run& chosen);
void add_read(CLI::App& app, Run& chosen);
void add_tail(CLI::App& app, Run& chosen);
void add_aggregate(CLI::App& app, Run& chosen);
void add_group(CLI::App& app, Run& chosen);
void add_dead_letters(CLI::App& app, Run& chosen);
void add_replay(CLI::App& app, Run& chosen);
void add_projection(CLI::App& app, Run& chosen);
void add_work(CLI::App& app, Run& chosen);
void add_status(CLI::App& app, Run& chosen);
void add_verify(CLI::App& app, Run& chosen);

std::span<const AddCommand> commands();

}  // namespace daybook::ctl
