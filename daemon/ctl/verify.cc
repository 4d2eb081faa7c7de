// daybook verify
#include "storage/verify.h"

#include <CLI/CLI.hpp>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/progress.h"

namespace daybook::ctl {
namespace {

struct VerifyFlags {
  std::string data_dir;
  bool repair_head = false;
};

Failure failure_of(const Error& error) {
  return {error.code == Errc::overloaded ? Exit::refused : Exit::damaged, error.detail};
}

void repair(Context& context, const VerifyFlags& flags) {
  const auto head = repair_head(flags.data_dir);
  if (!head) throw failure_of(head.error());
  context.streams.out << flags.data_dir << "/head now says " << head->value << '\n';
}

void print(Context& context, const VerifyReport& report) {
  std::ostream& out = context.streams.out;
  if (context.json) {
    out << R"({"head":)" << report.head.value << R"(,"marked":)" << report.marked.value
        << R"(,"indexed":)" << report.posted.value << R"(,"aggregates":)" << report.aggregates
        << R"(,"postings":)" << report.postings << R"(,"damages":)" << report.damages.size()
        << "}\n";
    return;
  }
  out << report.head.value << " events of " << report.aggregates << " aggregates; the index has "
      << report.postings << " postings up to offset " << report.posted.value << '\n';
}

void run_verify(Context& context, const VerifyFlags& flags) {
  if (flags.repair_head) return repair(context, flags);
  ProgressBar bar(context.streams.err, context.streams.err_is_terminal, context.streams.columns);
  const auto report = verify(flags.data_dir, [&bar](Offset done, Offset head) {
    bar.show({.done = done.value, .total = head.value, .items = done.value});
  });
  bar.clear();
  if (!report) throw failure_of(report.error());
  print(context, *report);
  if (report->damages.empty()) return;
  std::string text = "damage found:";
  for (const std::string& damage : report->damages) text += "\n  " + damage;
  throw Failure(Exit::damaged, text);
}

}  // namespace

void add_verify(CLI::App& app, Run& chosen) {
  auto flags = std::make_shared<VerifyFlags>();
  CLI::App* command =
      app.add_subcommand("verify", "Check a data directory that no daemon runs on; 4 if damaged");
  command->add_option("data_dir", flags->data_dir, "The directory")->required();
  command->add_flag("--repair-head", flags->repair_head,
                    "Accept the log as it is on disk: write the file `head` anew");
  command->callback([&chosen, flags] {
    chosen = [flags](Context& context) { run_verify(context, *flags); };
  });
}

}  // namespace daybook::ctl
