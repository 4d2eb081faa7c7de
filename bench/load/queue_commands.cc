// Subcommands that take events from a queue and finish each: Daybook's groups, Redis' consumer
// groups, NATS' pull consumers.
#include <cstdio>
#include <memory>
#include <utility>

#include "bench/load/commands.h"
#include "bench/load/delivery.h"
#include "bench/load/driver.h"
#include "bench/load/nats.h"
#include "bench/load/redis_group.h"
#include "bench/load/report.h"
#include "bench/load/ws_queue.h"

namespace daybook::load {
namespace {

// `connections` are the members.
void add_member_options(CLI::App& command, DriverOptions& options) {
  options.connections = 4;
  options.in_flight = 2;
  options.events_per_request = 100;
  options.bounds.seconds = 60;
  options.bounds.warmup_seconds = 0;
  command.add_option("--port", options.port)->required();
  command.add_option("--members", options.connections, "one connection each")
      ->check(CLI::Range(1, 4096));
  command.add_option("--batch", options.events_per_request, "events a fetch or a credit is for")
      ->check(CLI::Range(1, 10'000));
  command.add_option("--in-flight", options.in_flight, "batches that each member waits for")
      ->check(CLI::Range(1, 1000));
  command.add_option("--events", options.bounds.events_max,
                     "ends when so many are finished; a multiple of the batch");
  command.add_option("--seconds", options.bounds.seconds, "gives up after")
      ->check(CLI::Range(0.1, 3600.0));
}

Measured drive_all(const DriverOptions& options, const MakeExchange& make) {
  Measured measured = drive(options, make);
  if (measured.events_total < options.bounds.events_max && measured.failed == 0) {
    measured.failed = 1;
    measured.first_failure = "it ended before everything was finished";
  }
  return measured;
}

void expect_none_pending(std::uint64_t pending, Measured& measured) {
  if (pending == 0) return;
  measured.failed += pending;
  measured.first_failure = "events were delivered and never acknowledged";
}

Report report_on(std::string run, const DriverOptions& options, Measured measured) {
  Report report{.run = std::move(run), .parameters = {}, .measured = std::move(measured)};
  report.parameters = {{"members", options.connections},
                       {"batch", options.events_per_request},
                       {"in_flight", options.in_flight}};
  return report;
}

std::string numbered(const std::string& name, unsigned number) {
  return name + "-" + std::to_string(10'000 + number).substr(1);
}

void add_queue(CLI::App& app, int& exit_code) {
  struct Options {
    DriverOptions driver;
    std::string group = "bench";
    unsigned groups = 1;
    bool check_order = false;
    bool give_up = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "queue",
      "members of a group in queue mode, acking each event; says so in a JSON line once "
      "all are there. Without --events they go on until a SIGTERM");
  add_member_options(*command, options->driver);
  command->add_option("--group", options->group);
  command
      ->add_option("--groups", options->groups,
                   "more than 1: the members belong to GROUP-0000 and so on, in turn")
      ->check(CLI::Range(1, 10'000));
  command->add_flag("--check-order", options->check_order, "of each aggregate");
  command->add_flag("--give-up", options->give_up, "make a dead letter of each event");
  command->callback([options, &exit_code] {
    QueueLedger ledger(options->check_order);
    unsigned made = 0;
    const MakeExchange make = [&] {
      const unsigned number = made++;
      const std::string group = options->groups == 1
                                    ? options->group
                                    : numbered(options->group, number % options->groups);
      return std::make_unique<WsQueueExchange>(
          ledger, QueuePlace{.group = group,
                             .member = numbered("worker", number),
                             .batch = options->driver.events_per_request,
                             .gives_up = options->give_up});
    };
    options->driver.connected = [] {
      std::puts("{\"run\":\"queue\",\"connected\":true}");
      std::fflush(stdout);
    };
    Report report = report_on("queue", options->driver, drive_all(options->driver, make));
    report.parameters.emplace_back("taken", static_cast<double>(ledger.taken()));
    report.parameters.emplace_back("finished", static_cast<double>(ledger.finished()));
    exit_code = print(report);
  });
}

void add_redis_group(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<DriverOptions>();
  CLI::App* command = app.add_subcommand(
      "redis-group", "read the stream through a consumer group, made first, acking each entry");
  add_member_options(*command, *options);
  command->callback([options, &exit_code] {
    create_redis_group(options->port);
    unsigned made = 0;
    const MakeExchange make = [&] {
      return std::make_unique<RedisGroupExchange>(++made, options->events_per_request);
    };
    Measured measured = drive_all(*options, make);
    expect_none_pending(redis_pending(options->port), measured);
    exit_code = print(report_on("redis-group", *options, std::move(measured)));
  });
}

void add_nats_pull(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<DriverOptions>();
  CLI::App* command = app.add_subcommand(
      "nats-pull", "read the stream of nats-publish through a pull consumer, acking each message");
  add_member_options(*command, *options);
  command->callback([options, &exit_code] {
    const auto outstanding =
        std::uint64_t{options->connections} * options->in_flight * options->events_per_request;
    create_nats_consumer(options->port, outstanding * 2);
    unsigned made = 0;
    const MakeExchange make = [&] {
      return std::make_unique<NatsPullExchange>(++made, options->events_per_request);
    };
    Measured measured = drive_all(*options, make);
    expect_none_pending(nats_pending(options->port), measured);
    exit_code = print(report_on("nats-pull", *options, std::move(measured)));
  });
}

void add_delivery(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<DeliveryOptions>();
  CLI::App* command = app.add_subcommand(
      "delivery", "append now and then, and time the delivery at a member that waits");
  command->add_option("--port", options->port)->required();
  command->add_option("--group", options->group);
  command->add_option("--events", options->events)->check(CLI::Range(1, 1'000'000));
  command->add_option("--interval", options->interval_seconds, "seconds between appends")
      ->check(CLI::Range(0.0, 60.0));
  command->callback([options, &exit_code] {
    const DeliveryMeasured measured = measure_delivery(*options);
    exit_code = print({.run = "delivery",
                       .parameters = {{"append_p50_us", measured.appends.percentile_us(0.5)},
                                      {"append_p99_us", measured.appends.percentile_us(0.99)}},
                       .measured = measured.deliveries});
  });
}

}  // namespace

void add_queue_commands(CLI::App& app, int& exit_code) {
  add_queue(app, exit_code);
  add_redis_group(app, exit_code);
  add_nats_pull(app, exit_code);
  add_delivery(app, exit_code);
}

}  // namespace daybook::load
