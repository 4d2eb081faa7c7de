// Subcommands that stand beside a measurement: idle subscribers, the null server, the disk, and the
// corpus itself.
#include <cstdio>
#include <memory>

#include "bench/load/commands.h"
#include "bench/load/corpus.h"
#include "bench/load/idle.h"
#include "bench/load/null_server.h"
#include "bench/load/report.h"
#include "bench/load/sync_probe.h"

namespace daybook::load {
namespace {

void add_idle(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<IdleOptions>();
  CLI::App* command = app.add_subcommand(
      "idle", "hold subscriptions open; says so in a JSON line once all of them are there");
  command->add_option("--port", options->port)->required();
  command->add_option("--websockets", options->websockets)->check(CLI::Range(0, 10'000));
  command->add_option("--event-streams", options->event_streams)->check(CLI::Range(0, 10'000));
  command->add_option("--types", options->types, "each WebSocket hears one of so many; 0: all")
      ->check(CLI::Range(0, 10'000));
  command->add_option("--seconds", options->seconds)->check(CLI::Range(0.1, 3600.0));
  command->callback([options, &exit_code] {
    const IdleResult result = hold_idle(*options, [&] {
      std::printf("{\"run\":\"idle\",\"connected\":%u}\n",
                  options->websockets + options->event_streams);
      std::fflush(stdout);
    });
    std::printf("{\"run\":\"idle\",\"lost\":%u,\"received\":%llu,\"events\":%llu}\n", result.lost,
                static_cast<unsigned long long>(result.received),
                static_cast<unsigned long long>(result.events));
    exit_code = result.lost == 0 ? 0 : 1;
  });
}

void add_null(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<NullServerOptions>();
  CLI::App* command = app.add_subcommand("null", "serve fixed receipts: the generator's ceiling");
  command->add_option("--port", options->port)->required();
  command->add_option("--receipt-events", options->receipt_events)->check(CLI::Range(1, 10'000));
  command->add_option("--seconds", options->seconds)->check(CLI::Range(0.1, 3600.0));
  command->callback([options, &exit_code] {
    serve_null(*options);
    exit_code = 0;
  });
}

void add_fdatasync(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<SyncProbeOptions>();
  CLI::App* command = app.add_subcommand("fdatasync", "append 4 KiB and sync, again and again");
  command->add_option("--dir", options->directory)->required()->check(CLI::ExistingDirectory);
  command->add_option("--seconds", options->seconds)->check(CLI::Range(0.1, 600.0));
  command->callback([options, &exit_code] {
    exit_code = print({.run = "fdatasync", .parameters = {}, .measured = probe_sync(*options)});
  });
}

void add_corpus(CLI::App& app, int& exit_code) {
  auto count = std::make_shared<std::size_t>(10);
  CLI::App* command = app.add_subcommand("corpus", "print events as one JSON array");
  command->add_option("--count", *count)->check(CLI::Range(1, 200'000));
  command->callback([count, &exit_code] {
    Corpus corpus;
    const std::string_view events = corpus.take(*count);
    std::printf("[%.*s]\n", static_cast<int>(events.size()), events.data());
    exit_code = 0;
  });
}

}  // namespace

void add_probe_commands(CLI::App& app, int& exit_code) {
  add_idle(app, exit_code);
  add_null(app, exit_code);
  add_fdatasync(app, exit_code);
  add_corpus(app, exit_code);
}

}  // namespace daybook::load
