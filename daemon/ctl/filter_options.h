// The filter as flags: the same wherever events are chosen.
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
  bool is_empty() const { return parameters().empty(); }
  // As GET parameters. Throws Failure (usage) if `aggregate` is not TYPE/ID, here and below.
  Parameters parameters() const;
  std::string to_json() const;  // as bodies have it
};

}  // namespace daybook::ctl
