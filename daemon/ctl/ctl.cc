// Reads the command line, runs the command, and turns how it ended into an exit code.
#include "daemon/ctl/ctl.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "daemon/ctl/commands.h"

namespace daybook::ctl {
namespace {

Exit run_chosen(const Run& chosen, Context& context) {
  std::ostream& err = context.streams.err;
  try {
    chosen(context);
    context.streams.out.flush();
    if (context.streams.out) return Exit::ok;
    err << "daybook: standard output cannot be written\n";
    return Exit::usage;
  } catch (const Failure& failure) {
    context.streams.out.flush();
    const bool is_problem = context.json && failure.exit() == Exit::refused;
    err << (is_problem ? "" : "daybook: ") << failure.text() << '\n';
    return failure.exit();
  }
}

bool is_work(const std::vector<std::string>& arguments) {
  for (auto argument = arguments.begin(); argument < arguments.end(); ++argument) {
    if (!argument->starts_with('-')) return *argument == "work";
    if (*argument == "--url") ++argument;
  }
  return false;
}

// Takes the command of `work` away: CLI11 would look for options and lists in it.
std::vector<std::string> take_command(std::vector<std::string>& arguments) {
  const auto mark = std::ranges::find(arguments, "--");
  if (mark == arguments.end() || !is_work(arguments)) return {};
  std::vector<std::string> command(mark + 1, arguments.end());
  arguments.erase(mark, arguments.end());
  return command;
}

}  // namespace

Exit run(std::vector<std::string> arguments, const Streams& streams, std::string_view version) {
  CLI::App app("Appends to, reads and operates a Daybook daemon.", "daybook");
  Context context{.streams = streams, .command = take_command(arguments)};
  Run chosen;
  app.fallthrough();  // so that --url and --json may stand behind the command
  app.require_subcommand(1);
  app.add_option("--url", context.url, "Where the daemon is")
      ->envname("DAYBOOK_URL")
      ->capture_default_str();
  app.add_flag("--json", context.json, "Print JSON, for programs");
  app.set_version_flag("--version", "daybook " + std::string(version));
  app.footer(
      "Exit codes: 0 done, 1 refused by the daemon, 2 wrong usage, 3 daemon not reached,\n"
      "4 damage found. See daybook(1).");
  for (const AddCommand add : commands()) add(app, chosen);

  std::ranges::reverse(arguments);  // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& ended) {
    const bool is_answer = ended.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    app.exit(ended, streams.out, streams.err);  // prints help, version or what is wrong
    return is_answer ? Exit::ok : Exit::usage;
  }
  return run_chosen(chosen, context);
}

}  // namespace daybook::ctl
