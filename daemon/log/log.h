// The daemon's log: one line per decision, an event name and its fields.
//   log::info("group_reset", {{"group", name}, {"from", 5}});
// Any thread may write. A line is written before the call returns, so a crash loses none.
#pragma once

#include <initializer_list>

#include "daemon/log/line.h"
#include "storage/base/result.h"

namespace daybook::log {

struct Options {
  Level level = Level::info;  // lines below it are not written
  Format format = Format::text;
  std::string file{};  // appended to; empty: standard error
  friend bool operator==(const Options&, const Options&) = default;
};

// Writes to `options` from now on. Until the first call lines go to standard error as text.
// Also what SIGHUP calls: the file is opened anew, so that it may have been moved away.
// Fails with io_failed, writing on as before, if the file cannot be opened.
Result<void> open(const Options& options);

// Whether a line of this level is written: for fields that are costly to make.
bool writes(Level level);

using Fields = std::initializer_list<Field>;

void write(Level level, std::string_view event, Fields fields);

inline void debug(std::string_view event, Fields fields = {}) {
  write(Level::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) {
  write(Level::info, event, fields);
}
inline void warning(std::string_view event, Fields fields = {}) {
  write(Level::warning, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
  write(Level::error, event, fields);
}

}  // namespace daybook::log
