// daybookd: reads its configuration, runs the daemon until a signal ends it.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "daemon/config/command_line.h"
#include "daemon/config/config.h"
#include "daemon/daemon.h"
#include "daemon/log/log.h"
#include "daemon/version.h"

namespace daybook {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

int complain(const Error& error, int exit_code) {
  std::cerr << "daybookd: " << error.detail << '\n';
  return exit_code;
}

Result<config::Config> load_config(config::Sources sources) {
  sources.environment = config::process_environment();
  return config::load(sources);
}

// The signals that the main thread waits for; all other threads are started with them blocked.
sigset_t block_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void reload(Daemon& daemon, const config::Sources& sources) {
  auto fresh = load_config(sources);
  if (fresh)
    daemon.reload(*fresh);
  else
    log::error("config_not_reloaded", {{"error", fresh.error().detail}});
}

int run(const config::Config& config, const config::Sources& sources) {
  const sigset_t signals = block_signals();
  Daemon daemon(config, [] { ::kill(::getpid(), SIGTERM); });
  if (auto started = daemon.start(); !started) {
    log::error("not_started", {{"error", started.error().detail}});
    daemon.stop();
    return kFailed;
  }
  for (;;) {
    int signal = 0;
    if (::sigwait(&signals, &signal) != 0) continue;
    if (signal != SIGHUP) break;
    reload(daemon, sources);
  }
  return daemon.stop() ? EXIT_SUCCESS : kFailed;
}

int main(int argc, char** argv) {
  auto line = config::parse_command_line(argc, argv);
  if (!line) return complain(line.error(), kUsage);
  if (line->help) {
    std::cout << *line->help;
    return EXIT_SUCCESS;
  }
  if (line->version) {
    std::cout << "daybookd " << kVersion << '\n';
    return EXIT_SUCCESS;
  }
  auto config = load_config(line->sources);
  if (!config) return complain(config.error(), kUsage);
  if (line->check_config) {
    std::cout << config::to_toml(*config);
    return EXIT_SUCCESS;
  }
  if (auto opened = log::open(config->log); !opened) return complain(opened.error(), kFailed);
  return run(*config, line->sources);
}

}  // namespace
}  // namespace daybook

int main(int argc, char** argv) {
  return daybook::main(argc, argv);
}
