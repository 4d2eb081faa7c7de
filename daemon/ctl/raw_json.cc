// One scan decides where a value ends; everything else follows it.
#include "daemon/ctl/raw_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

namespace daybook::ctl {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string_view without_space(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

// The length of the string that `text` begins with, quotes included; 0 if it does not end.
std::size_t string_length(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return 0;
}

std::size_t nested_length(std::string_view text) {
  std::string open;  // the brackets to be closed
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const std::size_t length = string_length(text.substr(i));
      if (length == 0) return 0;
      i += length - 1;
    } else if (c == '{' || c == '[') {
      open += c == '{' ? '}' : ']';
    } else if (c == '}' || c == ']') {
      if (open.back() != c) return 0;
      open.pop_back();
      if (open.empty()) return i + 1;
    }
  }
  return 0;
}

// The parts of a nested value between its brackets: values, commas and colons in turn.
std::vector<std::string_view> parts(std::string_view nested) {
  std::vector<std::string_view> out;
  std::string_view rest = nested.substr(1, nested.size() - 2);
  for (rest = without_space(rest); !rest.empty(); rest = without_space(rest)) {
    if (rest.front() == ',' || rest.front() == ':') {
      rest.remove_prefix(1);
      continue;
    }
    const std::string_view value = first_value(rest);
    if (value.empty()) break;
    out.push_back(value);
    rest.remove_prefix(value.size());
  }
  return out;
}

bool is_nested(std::string_view text, char bracket) {
  return !text.empty() && text.front() == bracket && text.size() >= 2;
}

}  // namespace

std::string_view first_value(std::string_view text) {
  text = without_space(text);
  if (text.empty()) return {};
  switch (text.front()) {
    case '"': return text.substr(0, string_length(text));
    case '{':
    case '[': return text.substr(0, nested_length(text));
    default: return text.substr(0, text.find_first_of(" \t\r\n,:]}[{\""));
  }
}

bool is_one_value(std::string_view text) {
  text = without_space(text);
  const std::string_view value = first_value(text);
  return !value.empty() && without_space(text.substr(value.size())).empty();
}

std::vector<std::string_view> elements(std::string_view array) {
  const std::string_view value = first_value(array);
  if (!is_nested(value, '[')) return {};
  return parts(value);
}

std::vector<std::pair<std::string_view, std::string_view>> members(std::string_view object) {
  const std::string_view value = first_value(object);
  if (!is_nested(value, '{')) return {};
  const auto names_and_values = parts(value);
  std::vector<std::pair<std::string_view, std::string_view>> out;
  for (std::size_t i = 0; i + 1 < names_and_values.size(); i += 2) {
    const std::string_view name = names_and_values[i];
    if (name.size() < 2 || name.front() != '"') break;
    out.emplace_back(name.substr(1, name.size() - 2), names_and_values[i + 1]);
  }
  return out;
}

std::string_view member(std::string_view object, std::string_view name) {
  for (const auto& [key, value] : members(object))
    if (key == name) return value;
  return {};
}

std::uint64_t number(std::string_view object, std::string_view name) {
  const std::string_view digits = member(object, name);
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::string to_text(std::string_view value) {
  if (value == "null") return {};
  if (value.size() < 2 || value.front() != '"') return std::string(value);
  boost::system::error_code failed;
  const auto parsed = boost::json::parse(value, failed);
  // Lone surrogates are legal in an event and have no text: shown as they are spelt.
  if (failed || !parsed.is_string()) return std::string(value.substr(1, value.size() - 2));
  return std::string(parsed.get_string());
}

std::string to_json(std::string_view text) {
  return boost::json::serialize(boost::json::string(text));
}

}  // namespace daybook::ctl
