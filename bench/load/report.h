// What a run says: one JSON line on stdout for programs, a table on stderr for people.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bench/load/measure.h"

namespace daybook::load {

struct Report {
  std::string run;  // the subcommand
  std::vector<std::pair<std::string, double>> parameters;
  Measured measured;
};

// Returns the exit code: 0, or 1 where an answer was a failure or there was none at all.
int print(const Report& report);

}  // namespace daybook::load
