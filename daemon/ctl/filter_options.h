// The filter as flags: the same for `read` and `tail`.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <utility>
#include <vector>

namespace daybook::ctl {

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct FilterOptions {
  std::string aggregate;  // TYPE/ID
  std::string aggregate_type;
  std::string correlation_id;
  std::string causation_id;
  std::vector<std::string> event_types;
  std::vector<std::string> tags;

  void add_to(CLI::App& command);
  // As GET parameters. Throws Failure (usage) if `aggregate` is not TYPE/ID.
  Parameters parameters() const;
};

}  // namespace daybook::ctl
