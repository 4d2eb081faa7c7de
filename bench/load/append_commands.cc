// Subcommands that append: to Daybook, Redis, NATS and PostgreSQL.
#include <memory>

#include "bench/load/commands.h"
#include "bench/load/driver.h"
#include "bench/load/http_exchange.h"
#include "bench/load/nats.h"
#include "bench/load/postgres.h"
#include "bench/load/redis_exchange.h"
#include "bench/load/report.h"

namespace daybook::load {
namespace {

void add_bounds(CLI::App& command, Bounds& bounds) {
  command.add_option("--seconds", bounds.seconds, "how long to measure")
      ->check(CLI::Range(0.1, 3600.0));
  command.add_option("--warmup", bounds.warmup_seconds, "seconds before measuring begins")
      ->check(CLI::Range(0.0, 600.0));
  command.add_option("--events-max", bounds.events_max, "end after so many events, no warm-up");
}

void add_driver_options(CLI::App& command, DriverOptions& options) {
  command.add_option("--port", options.port)->required();
  command.add_option("--connections", options.connections)->check(CLI::Range(1, 4096));
  command.add_option("--rate", options.requests_per_second,
                     "open loop: requests due per second, all connections together");
  add_bounds(command, options.bounds);
}

Report report_on(std::string run, const DriverOptions& options, Measured measured) {
  Report report{.run = std::move(run), .parameters = {}, .measured = std::move(measured)};
  report.parameters = {{"connections", options.connections},
                       {"in_flight", options.in_flight},
                       {"events_per_request", options.events_per_request},
                       {"rate", options.requests_per_second}};
  return report;
}

void add_post(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<DriverOptions>();
  auto path = std::make_shared<std::string>("/v1/events");
  auto shape = std::make_shared<CorpusShape>();
  CLI::App* command = app.add_subcommand("post", "append over HTTP keep-alive");
  add_driver_options(*command, *options);
  command->add_option("--path", *path);
  command->add_option("--batch", options->events_per_request, "events per request")
      ->check(CLI::Range(1, 10'000));
  command->add_option("--types", shape->types, "so many event types instead of the corpus' own")
      ->check(CLI::Range(1, 10'000));
  command->add_option("--aggregates", shape->aggregates, "so many, drawn at random")
      ->check(CLI::Range(1, 1'000'000));
  command->add_flag("--zipf", shape->zipf, "the k-th of them comes 1/k as often as the first");
  command->callback([options, path, shape, &exit_code] {
    Corpus corpus(*shape);
    const MakeExchange make = [&] {
      return std::make_unique<HttpExchange>(corpus, *path, options->events_per_request);
    };
    exit_code = print(report_on("post", *options, drive(*options, make)));
  });
}

void add_redis(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<DriverOptions>();
  CLI::App* command = app.add_subcommand("redis", "XADD to one Redis stream");
  add_driver_options(*command, *options);
  command->add_option("--pipeline", options->events_per_request, "XADDs per write")
      ->check(CLI::Range(1, 10'000));
  command->callback([options, &exit_code] {
    Corpus corpus;
    const MakeExchange make = [&] {
      return std::make_unique<RedisExchange>(corpus, options->events_per_request);
    };
    exit_code = print(report_on("redis", *options, drive(*options, make)));
  });
}

void add_nats(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<DriverOptions>();
  CLI::App* command = app.add_subcommand(
      "nats-publish", "publish into a JetStream stream, made first, with an ack for each event");
  add_driver_options(*command, *options);
  command->add_option("--in-flight", options->in_flight, "per connection; 1 is synchronous")
      ->check(CLI::Range(1, 100'000));
  command->callback([options, &exit_code] {
    create_nats_stream(options->port);
    Corpus corpus;
    unsigned made = 0;
    const MakeExchange make = [&] { return std::make_unique<NatsExchange>(corpus, ++made); };
    exit_code = print(report_on("nats-publish", *options, drive(*options, make)));
  });
}

void add_postgres(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<PostgresOptions>();
  CLI::App* command =
      app.add_subcommand("postgres", "one INSERT per event into the Platform's table, emptied");
  command->add_option("--conninfo", options->conninfo, "as libpq takes it")->required();
  command->add_option("--connections", options->connections)->check(CLI::Range(1, 1000));
  add_bounds(*command, options->bounds);
  command->callback([options, &exit_code] {
    prepare_postgres(options->conninfo);
    Corpus corpus;
    Report report{.run = "postgres", .parameters = {}, .measured = {}};
    report.parameters = {{"connections", options->connections}};
    report.measured = drive_postgres(*options, corpus);
    exit_code = print(report);
  });
}

}  // namespace

void add_append_commands(CLI::App& app, int& exit_code) {
  add_post(app, exit_code);
  add_redis(app, exit_code);
  add_nats(app, exit_code);
  add_postgres(app, exit_code);
}

}  // namespace daybook::load
