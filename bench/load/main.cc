// daybook-load: the load generator. It speaks to loopback only, and every run is bounded in time.
#include <cstdio>
#include <exception>

#include "bench/load/commands.h"
#include "bench/load/socket.h"

int main(int argc, char** argv) {
  int exit_code = 2;
  CLI::App app("Load on Daybook and its rivals, with the same bytes. One JSON line per run.");
  app.require_subcommand(1);
  daybook::load::asked_to_stop();  // From here on a SIGTERM ends a run early instead of killing it.
  daybook::load::add_append_commands(app, exit_code);
  daybook::load::add_read_commands(app, exit_code);
  daybook::load::add_queue_commands(app, exit_code);
  daybook::load::add_posting_commands(app, exit_code);
  daybook::load::add_probe_commands(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "daybook-load: %s\n", error.what());
    return 2;
  }
  return exit_code;
}
