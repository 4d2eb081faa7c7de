// A value on its way into the configuration, before it is known to fit its key.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace daybook::config {

// Text of the environment or of `--set`: the key decides how it is read.
struct Plain {
  std::string text;
};

// A TOML value that no key takes (a date, a table…): what it is called.
struct Foreign {
  std::string kind;
};

using Value =
    std::variant<bool, std::int64_t, std::string, std::vector<std::string>, Plain, Foreign>;

// For messages: `"text"`, 5, [a, b].
std::string to_string(const Value& value);

// One key set to one value.
struct Assignment {
  std::string key;  // "server.listen"
  Value value;
  std::string origin;  // for messages: "daybook.toml:12", "--set", "DAYBOOK_SERVER_LISTEN"
};

}  // namespace daybook::config
