// Carries formatted lines to their sink by spdlog, the only file that knows it.
#include "daemon/log/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

namespace daybook::log {
namespace {

using Logger =
    std::shared_ptr<spdlog::logger>;  // shared: a writer keeps the old one while it writes

Logger make_logger(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("daybook", std::move(sink));
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);  // `State::level` has decided already
  logger->flush_on(spdlog::level::trace);
  return logger;
}

struct State {
  std::atomic<Level> level{Level::info};
  std::atomic<Format> format{Format::text};
  std::mutex mutex;  // guards `logger`
  Logger logger = make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>());

  Logger current() {
    const std::lock_guard lock(mutex);
    return logger;
  }
};

State& state() {
  static State* const kState = new State;  // never destroyed: threads may log until the very end
  return *kState;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

Result<void> open(const Options& options) {
  Logger logger;
  try {
    if (options.file.empty())
      logger = make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    else
      logger = make_logger(std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file));
  } catch (const spdlog::spdlog_ex& failed) {
    return Error{Errc::io_failed, std::string("log.file cannot be opened: ") + failed.what()};
  }
  State& s = state();
  s.level = options.level;
  s.format = options.format;
  const std::lock_guard lock(s.mutex);
  s.logger = std::move(logger);
  return {};
}

bool writes(Level level) {
  return level >= state().level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view event, Fields fields) {
  if (!writes(level)) return;
  State& s = state();
  const std::string line =
      format_line(s.format, level, now(), event, {fields.begin(), fields.end()});
  s.current()->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace daybook::log
