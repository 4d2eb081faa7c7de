// Flags become assignments: they have no rules of their own.
#include "daemon/config/command_line.h"

#include <CLI/CLI.hpp>

namespace daybook::config {

Result<CommandLine> parse_command_line(int argc, const char* const* argv) {
  CLI::App app("The Daybook daemon: a durable event log.", "daybookd");
  CommandLine line;
  std::string file;
  std::string data_dir;
  std::vector<std::string> listen;
  std::vector<std::string> settings;
  auto* config = app.add_option("--config", file, "Read this TOML file");
  auto* dir = app.add_option("--data-dir", data_dir, "Keep the log here (storage.data_dir)");
  auto* address = app.add_option("--listen", listen, "Listen on HOST:PORT (server.listen); repeats")
                      ->allow_extra_args(false);
  app.add_option("--set", settings, "Set section.key=value; repeats")->allow_extra_args(false);
  app.add_flag("--check-config", line.check_config,
               "Load the configuration, print it, and end: 0 if it is right");
  app.add_flag("--version", line.version, "Print the version, and end");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    line.help = app.help();
    return line;
  } catch (const CLI::ParseError& failed) {
    return Error{Errc::bad_parameter, failed.what()};
  }

  if (config->count() > 0) line.sources.file = file;
  for (const std::string& setting : settings) {
    // What is no key is not quoted: a slip may have put a password there.
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || setting.find_first_of(":/@ ") < equals)
      return Error{Errc::bad_parameter, "--set: write it as section.key=value"};
    line.sources.assignments.push_back(
        {setting.substr(0, equals), Plain{setting.substr(equals + 1)}, "--set"});
  }
  if (dir->count() > 0)
    line.sources.assignments.push_back({"storage.data_dir", Plain{data_dir}, "--data-dir"});
  if (address->count() > 0)
    line.sources.assignments.push_back({"server.listen", listen, "--listen"});
  return line;
}

}  // namespace daybook::config
