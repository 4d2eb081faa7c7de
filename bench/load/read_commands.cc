// The subcommand that reads the log itself.
#include <memory>

#include "bench/load/commands.h"
#include "bench/load/report.h"
#include "bench/load/ws_read.h"

namespace daybook::load {
namespace {

void add_ws_read(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<WsReadOptions>();
  CLI::App* command = app.add_subcommand("ws-read", "read forward over one WebSocket");
  command->add_option("--port", options->port)->required();
  command->add_option("--after", options->after);
  command->add_option("--credits", options->credits)->check(CLI::Range(2, 10'000'000));
  command->add_option("--events", options->events, "0: until it has caught up");
  command->add_option("--seconds", options->seconds, "gives up after");
  command->add_flag("--count-each", options->count_each, "look at every event, for tests");
  command->callback([options, &exit_code] {
    Report report{.run = "ws-read", .parameters = {}, .measured = {}};
    report.parameters = {{"credits", static_cast<double>(options->credits)}};
    report.measured = read_over_ws(*options);
    exit_code = print(report);
  });
}

}  // namespace

void add_read_commands(CLI::App& app, int& exit_code) {
  add_ws_read(app, exit_code);
}

}  // namespace daybook::load
