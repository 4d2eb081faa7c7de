// daybook status
#include <CLI/CLI.hpp>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/object_printer.h"
#include "daemon/ctl/raw_json.h"
#include "daemon/ctl/table.h"

namespace daybook::ctl {
namespace {

void show_status(Context& context) {
  print_object(context, ask(context, {.target = "/v1/status"}).body);
  const auto ready = context.connection().send({.target = "/health/ready"});
  if (!ready) throw Failure(Exit::unreachable, ready.error().detail);
  if (ready->is_success()) return;
  if (context.json) throw Failure(Exit::refused, ready->body);
  throw Failure(Exit::refused, "not ready: " + printable(to_text(member(ready->body, "reason"))));
}

}  // namespace

void add_status(CLI::App& app, Run& chosen) {
  app.add_subcommand("status", "Show how the daemon is; 1 if it is not ready")->callback([&chosen] {
    chosen = show_status;
  });
}

}  // namespace daybook::ctl
