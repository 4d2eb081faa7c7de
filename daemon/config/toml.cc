// The only file that knows toml++.
#include "daemon/config/toml.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <sstream>

#include "protocol/json/escape.h"
#include "protocol/json/pointer.h"

namespace daybook::config {
namespace {

constexpr std::string_view kProjection = "projection";

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

// The shortest text that is read as the same number, and never as a whole one.
std::string decimal(double number) {
  std::array<char, 32> digits{};
  std::string text(digits.data(), std::to_chars(digits.begin(), digits.end(), number).ptr);
  return text.find_first_of(".e") == text.npos ? text + ".0" : text;
}

// Writes a node as JSON. What JSON does not have (a date, infinity) becomes an empty array, which a
// declaration takes nowhere.
class JsonWriter {
 public:
  JsonWriter(std::string_view name, Declaration& out) : name_(name), out_(out) {}

  void write(const toml::node& node, const std::string& pointer) {
    out_.places.try_emplace(pointer, place(name_, node.source()));
    if (const auto* table = node.as_table()) {
      write_table(*table, pointer);
    } else if (const auto* array = node.as_array()) {
      write_array(*array, pointer);
    } else if (const auto* text = node.as_string()) {
      json::append_string(out_.json, text->get());
    } else {
      write_scalar(node);
    }
  }

 private:
  void write_table(const toml::table& table, const std::string& pointer) {
    std::vector<std::pair<const toml::key*, const toml::node*>> members;
    for (const auto& [key, node] : table) members.emplace_back(&key, &node);
    std::ranges::sort(members, {}, [](const auto& member) {
      const auto& begin = member.first->source().begin;
      return std::pair(begin.line, begin.column);
    });
    out_.json += '{';
    for (const auto& [key, node] : members) {
      const std::string inner = pointer + '/' + json::escape_for_pointer(key->str());
      out_.places[inner] = place(name_, key->source());
      json::append_string(out_.json, key->str());
      out_.json += ':';
      write(*node, inner);
      out_.json += ',';
    }
    close('}');
  }

  void write_array(const toml::array& array, const std::string& pointer) {
    out_.json += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
      write(array[i], pointer + '/' + std::to_string(i));
      out_.json += ',';
    }
    close(']');
  }

  void write_scalar(const toml::node& node) {
    const auto* real = node.as_floating_point();
    if (const auto* fact = node.as_boolean()) {
      out_.json += fact->get() ? "true" : "false";
    } else if (const auto* number = node.as_integer()) {
      out_.json += std::to_string(number->get());
    } else if (real != nullptr && std::isfinite(real->get())) {
      out_.json += decimal(real->get());
    } else {
      out_.json += "[]";
    }
  }

  void close(char bracket) {
    if (out_.json.back() == ',') out_.json.pop_back();
    out_.json += bracket;
  }

  const std::string_view name_;
  Declaration& out_;
};

std::vector<Declaration> declarations(const toml::array& array, std::string_view name) {
  std::vector<Declaration> out;
  for (const toml::node& node : array) JsonWriter(name, out.emplace_back()).write(node, "");
  return out;
}

}  // namespace

std::string Declaration::place_of(std::string pointer) const {
  while (!pointer.empty() && !places.contains(pointer)) pointer.erase(pointer.rfind('/'));
  return places.at(pointer);
}

Result<Document> parse_toml(std::string_view text, std::string_view name) {
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& failed) {
    return Error{Errc::bad_value,
                 place(name, failed.source()) + ": " + std::string(failed.description())};
  }
  Document document;
  for (const auto& [key, node] : root) {
    if (key.str() == kProjection && !node.is_array_of_tables())
      return Error{Errc::bad_value,
                   place(name, key.source()) + ": a projection is declared by [[projection]]"};
    if (key.str() == kProjection)
      document.projections = declarations(*node.as_array(), name);
    else if (const auto* section = node.as_table())
      collect(*section, std::string(key.str()) + '.', name, document.assignments);
    else
      document.assignments.push_back(
          {std::string(key.str()), to_value(node), place(name, key.source())});
  }
  return document;
}

}  // namespace daybook::config
