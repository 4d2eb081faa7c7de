// daybook verify DIR
#include "storage/verify.h"

#include <CLI/CLI.hpp>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/object_printer.h"
#include "daemon/ctl/progress.h"
#include "daemon/ctl/raw_json.h"
#include "daemon/ctl/table.h"

namespace daybook::ctl {
namespace {

struct Options {
  std::string dir;
  bool repair_head = false;
};

Failure failure_of(const Error& error) {
  return {error.code == Errc::corrupted ? Exit::damaged : Exit::usage, error.detail};
}

// People read a line each: for them the damages come behind.
std::string to_json(const VerifyReport& report, bool with_damages) {
  std::string damages;
  for (const std::string& damage : report.damages)
    damages += (damages.empty() ? "" : ",") + ctl::to_json(damage);
  return "{\"head\":" + std::to_string(report.head.value) +
         ",\"marked\":" + std::to_string(report.marked.value) +
         ",\"posted\":" + std::to_string(report.posted.value) +
         ",\"aggregates\":" + std::to_string(report.aggregates) +
         ",\"postings\":" + std::to_string(report.postings) +
         (with_damages ? ",\"damages\":[" + damages + "]}" : "}");
}

VerifyReport verify_watched(const Streams& streams, const std::string& dir) {
  ProgressBar bar(streams.err, streams.err_is_terminal, streams.columns);
  auto report = verify(dir, [&](Offset done, Offset total) {
    bar.show({.done = done.value, .total = total.value, .items = done.value});
  });
  if (!report) throw failure_of(report.error());
  return *std::move(report);
}

void run_verify(Context& context, const Options& options) {
  const Streams& streams = context.streams;
  if (options.repair_head) {
    const auto head = repair_head(options.dir);
    if (!head) throw failure_of(head.error());
    print_object(context, "{\"head\":" + std::to_string(head->value) + '}');
    return;
  }
  const VerifyReport report = verify_watched(streams, options.dir);
  print_object(context, to_json(report, context.json));
  for (const std::string& damage : report.damages)
    if (!context.json) streams.out << "damage: " << printable(damage) << '\n';
  if (!report.damages.empty()) throw Failure(Exit::damaged, options.dir + " is damaged");
}

}  // namespace

void add_verify(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();  // shared with the callback, which CLI11 copies
  CLI::App* command =
      app.add_subcommand("verify", "Check a data directory that no daemon runs on; 4 if damaged");
  command->add_option("dir", options->dir, "The data directory")->required();
  command->add_flag("--repair-head", options->repair_head,
                    "Instead: accept the log as it is. Events lost from its end stay lost");
  command->callback([options, &chosen] {
    chosen = [options](Context& context) { run_verify(context, *options); };
  });
}

}  // namespace daybook::ctl
