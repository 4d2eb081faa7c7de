// daybook work
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/duration.h"
#include "daemon/ctl/worker.h"

namespace daybook::ctl {
namespace {

struct Options {
  Work work;
  std::string max_runtime;
  std::string idle = "1s";
  bool once = false;
};

std::string default_member() {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  return std::string(host) + '-' + std::to_string(getpid());
}

void run_work(Context& context, const Options& options) {
  if (context.command.empty())
    throw Failure(Exit::usage, "the command is missing: daybook work GROUP -- COMMAND [ARGUMENTS]");
  Work work = options.work;
  work.command = context.command;
  if (!options.max_runtime.empty()) work.max_runtime = parse_duration(options.max_runtime);
  if (options.once) work.idle = parse_duration(options.idle);
  if (work.member.empty()) work.member = default_member();
  std::signal(SIGCHLD, SIG_DFL);  // inherited as ignored, no command's end would be seen
  std::signal(SIGPIPE, SIG_IGN);  // nobody reads standard error any more: commands go on
  Worker(context, std::move(work)).run();
}

}  // namespace

void add_work(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();  // shared with the callback, which CLI11 copies
  Work& work = options->work;
  CLI::App* command = app.add_subcommand("work", "Run a command for each event of a queue");
  command->add_option("group", work.group, "The group")->required();
  command->add_option("--parallel", work.parallel, "Events at once")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--member", work.member, "The worker's name; else HOST-PID");
  command->add_option("--max-runtime", options->max_runtime, "Kill a command that runs longer");
  command->add_option("--count", work.count, "End after so many events")
      ->check(CLI::PositiveNumber);
  auto* once = command->add_flag("--once", options->once, "End when nothing is left");
  command->add_option("--idle", options->idle, "With --once: when nothing came for so long")
      ->needs(once)
      ->capture_default_str();
  command->footer(
      "daybook work GROUP [OPTIONS] -- COMMAND [ARGUMENTS]\n"
      "Exit code 0 acks the event, 65 makes it a dead letter, anything else has it tried again.");
  command->callback([options, &chosen] {
    chosen = [options](Context& context) { run_work(context, *options); };
  });
}

}  // namespace daybook::ctl
