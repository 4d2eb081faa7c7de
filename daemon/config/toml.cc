// The only file that knows toml++.
#include "daemon/config/toml.h"

#include <toml++/toml.h>

#include <sstream>

namespace daybook::config {
namespace {

std::string place(std::string_view name, const toml::source_region& source) {
  return std::string(name) + ':' + std::to_string(source.begin.line);
}

std::string kind_of(const toml::node& node) {
  std::ostringstream out;
  out << node.type();
  const std::string kind = out.str();
  return (kind == "array" || kind == "integer" ? "an " : "a ") + kind;
}

Value to_value(const toml::node& node) {
  if (const auto* fact = node.as_boolean()) return fact->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* text = node.as_string()) return text->get();
  const auto* array = node.as_array();
  if (array == nullptr) return Foreign{kind_of(node)};
  std::vector<std::string> list;
  for (const toml::node& entry : *array) {
    if (!entry.is_string()) return Foreign{"an array that holds " + kind_of(entry)};
    list.push_back(entry.as_string()->get());
  }
  return list;
}

// Sections are one level deep: a table inside a section is a value, which no key takes.
void collect(const toml::table& section, const std::string& prefix, std::string_view name,
             std::vector<Assignment>& out) {
  for (const auto& [key, node] : section)
    out.push_back({prefix + std::string(key.str()), to_value(node), place(name, key.source())});
}

}  // namespace

Result<std::vector<Assignment>> parse_toml(std::string_view text, std::string_view name) {
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& failed) {
    return Error{Errc::bad_value,
                 place(name, failed.source()) + ": " + std::string(failed.description())};
  }
  std::vector<Assignment> assignments;
  for (const auto& [key, node] : root) {
    if (const auto* section = node.as_table())
      collect(*section, std::string(key.str()) + '.', name, assignments);
    else
      assignments.push_back({std::string(key.str()), to_value(node), place(name, key.source())});
  }
  return assignments;
}

}  // namespace daybook::config
