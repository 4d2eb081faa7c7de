// Request targets: the split into path and query, and percent-decoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace daybook::http {

// Both still percent-encoded; `query` is without its `?`.
struct Target {
  std::string_view path;
  std::string_view query;
};

// The absolute form ("http://host/path") loses its scheme and host.
Target split_target(std::string_view target);

enum class Plus : bool { stays, is_space };

// nullopt where an escape is broken. In queries `+` stands for a space, in paths for itself.
std::optional<std::string> percent_decode(std::string_view text, Plus plus);

}  // namespace daybook::http
