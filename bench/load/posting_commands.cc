// Subcommands about what Daybook posts elsewhere.
#include <cstdio>
#include <memory>
#include <vector>

#include "bench/load/clock.h"
#include "bench/load/commands.h"
#include "bench/load/posting.h"
#include "bench/load/report.h"
#include "bench/load/resp.h"
#include "bench/load/socket.h"

namespace daybook::load {
namespace {

void add_posting(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<PostingOptions>();
  CLI::App* command = app.add_subcommand(
      "posting", "append at a fixed rate, and time when each event is seen in Redis or PostgreSQL");
  command->add_option("--port", options->port, "of Daybook")->required();
  CLI::Option* redis = command->add_option("--redis-port", options->redis_port);
  command->add_option("--channel", options->channel, "where native messages are published");
  CLI::Option* postgres = command->add_option("--conninfo", options->conninfo);
  redis->excludes(postgres);
  command->add_option("--connections", options->connections)->check(CLI::Range(1, 1024));
  command->add_option("--rate", options->events_per_second)->check(CLI::Range(1.0, 1e6));
  command->add_option("--seconds", options->seconds)->check(CLI::Range(0.1, 600.0));
  command->callback([options, &exit_code] {
    const PostingMeasured measured = measure_posting(*options);
    exit_code = print({.run = "posting",
                       .parameters = {{"rate", options->events_per_second},
                                      {"append_p50_us", measured.appends.percentile_us(0.5)},
                                      {"append_p99_us", measured.appends.percentile_us(0.99)}},
                       .measured = measured.seen});
  });
}

struct SubscribeOptions {
  std::uint16_t port = 0;
  std::string channel;
  std::uint64_t messages = 0;
  double seconds = 60;
};

void connected() {
  std::puts("{\"run\":\"subscribe\",\"connected\":true}");
  std::fflush(stdout);
}

// From the first message to the last; after a SIGTERM until nothing more comes.
Measured count_messages(const SubscribeOptions& options) {
  const Fd fd = connect_loopback(options.port);
  set_receive_timeout(fd.get(), 0.1);
  send_all(fd.get(), "PSUBSCRIBE " + options.channel + "\r\n");
  std::vector<char> bytes(1 << 20);
  std::vector<std::string_view> strings;
  std::string in;
  Measured measured;
  std::int64_t first = 0;
  int quiet = 0;  // waits in which nothing came
  const std::int64_t give_up = now_ns() + seconds_to_ns(options.seconds);
  while (measured.events < options.messages && now_ns() < give_up) {
    const std::size_t n = receive_some(fd.get(), bytes);
    quiet = n == 0 ? quiet + 1 : 0;
    if (quiet > 3 && asked_to_stop()) break;  // The signal itself ends one wait.
    in.append(bytes.data(), n);
    std::size_t done = 0;
    while (const std::size_t reply = resp_bytes(std::string_view(in).substr(done), &strings)) {
      done += reply;
      if (strings.size() == 2) connected();
      if (strings.size() == 4 && first == 0) first = now_ns();
      measured.events += strings.size() == 4 ? 1 : 0;
      strings.clear();
    }
    strings.clear();
    in.erase(0, done);
  }
  measured.seconds = first == 0 ? 0 : static_cast<double>(now_ns() - first) / 1e9;
  measured.requests = measured.requests_total = measured.events_total = measured.events;
  if (measured.events < options.messages) {
    measured.failed = options.messages - measured.events;
    measured.first_failure = "messages did not come";
  }
  return measured;
}

void add_subscribe(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<SubscribeOptions>();
  CLI::App* command =
      app.add_subcommand("subscribe",
                         "count the messages of a pattern of Redis channels; says so "
                         "in a JSON line once it is subscribed");
  command->add_option("--port", options->port)->required();
  command->add_option("--pattern", options->channel)->required();
  command->add_option("--messages", options->messages, "ends when so many came")->required();
  command->add_option("--seconds", options->seconds, "gives up after")
      ->check(CLI::Range(0.1, 3600.0));
  command->callback([options, &exit_code] {
    exit_code = print({.run = "subscribe", .parameters = {}, .measured = count_messages(*options)});
  });
}

}  // namespace

void add_posting_commands(CLI::App& app, int& exit_code) {
  add_posting(app, exit_code);
  add_subscribe(app, exit_code);
}

}  // namespace daybook::load
