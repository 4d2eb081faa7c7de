// See pointer.h.
#include "protocol/json/pointer.h"

#include <charconv>

#include "protocol/json/cursor.h"
#include "protocol/json/values.h"

namespace daybook::json {
namespace {

// Undoes ~0 and ~1; nullopt where a ~ stands before anything else.
std::optional<std::string> decode_name(std::string_view spelt) {
  std::string name;
  for (std::size_t i = 0; i < spelt.size(); ++i) {
    if (spelt[i] != '~') {
      name += spelt[i];
      continue;
    }
    ++i;
    if (i == spelt.size() || (spelt[i] != '0' && spelt[i] != '1')) return std::nullopt;
    name += spelt[i] == '0' ? '~' : '/';
  }
  return name;
}

bool is_named(std::string_view spelt, std::string_view name) {
  return spelt.find('\\') == std::string_view::npos ? spelt == name : decode_inside(spelt) == name;
}

std::string_view find_member(Cursor at, std::string_view name) {
  std::string_view found;
  if (!at.enter()) return found;
  do {
    const bool hit = is_named(at.take_name(), name);
    const std::string_view value = at.take();
    if (hit) found = value;
  } while (at.next());
  return found;
}

// Elements are counted in plain digits: "01" and "-1" name none.
std::string_view find_element(Cursor at, std::string_view name) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool is_index = error == std::errc{} && end == name.data() + name.size() &&
                        (name.front() != '0' || name.size() == 1);
  if (!is_index || !at.enter()) return {};
  do {
    const std::string_view value = at.take();
    if (index-- == 0) return value;
  } while (at.next());
  return {};
}

}  // namespace

std::string escape_for_pointer(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<std::vector<std::string>> parse_pointer(std::string_view pointer) {
  std::vector<std::string> path;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return std::nullopt;
    pointer.remove_prefix(1);
    const std::string_view spelt = pointer.substr(0, pointer.find('/'));
    auto name = decode_name(spelt);
    if (!name) return std::nullopt;
    path.push_back(std::move(*name));
    pointer.remove_prefix(spelt.size());
  }
  return path;
}

std::string_view find(std::string_view minified, std::span<const std::string> path) {
  for (const std::string& name : path) {
    const Cursor at(minified);
    if (at.is_object()) {
      minified = find_member(at, name);
    } else if (at.is_array()) {
      minified = find_element(at, name);
    } else {
      return {};
    }
    if (minified.empty()) return {};
  }
  return minified;
}

}  // namespace daybook::json
