// See parameters.h.
#include "protocol/http/parameters.h"

#include <charconv>

#include "protocol/http/uri.h"
#include "protocol/json/name.h"
#include "storage/base/limits.h"

namespace daybook::http {

std::optional<std::uint64_t> parse_integer(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string with_zone_sign(std::string text) {
  constexpr std::size_t kZone = 6;  // " 01:00"
  if (text.size() < 16 + kZone) return text;
  const std::size_t sign = text.size() - kZone;
  if (text[sign] == ' ' && text[sign + 3] == ':') text[sign] = '+';
  return text;
}

Parameters::Parameters(std::string_view query, std::initializer_list<std::string_view> known) {
  while (!query.empty() && !error_) {
    const std::size_t end = query.find('&');
    add(query.substr(0, end), known);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
  }
}

void Parameters::add(std::string_view pair, std::initializer_list<std::string_view> known) {
  if (pair.empty()) return;
  const std::size_t equals = pair.find('=');
  const auto name = percent_decode(pair.substr(0, equals), Plus::is_space);
  const auto value = equals == std::string_view::npos
                         ? std::string()
                         : percent_decode(pair.substr(equals + 1), Plus::is_space);
  if (!name || !value) return refuse(name ? *name : pair, "has a broken percent-escape");
  for (std::string_view candidate : known) {
    const bool may_repeat = candidate.ends_with('*');
    if (may_repeat) candidate.remove_suffix(1);
    if (candidate != *name) continue;
    if (!may_repeat && has(*name)) return refuse(*name, "may be given once");
    pairs_.emplace_back(*name, *value);
    return;
  }
  error_ = Error{Errc::unknown_parameter, "there is no parameter `" + *name + "` here"};
}

const Parameters::Pair* Parameters::find(std::string_view name) const {
  for (const Pair& pair : pairs_)
    if (pair.first == name) return &pair;
  return nullptr;
}

void Parameters::refuse(std::string_view name, std::string_view why) {
  if (error_) return;
  error_ = Error{Errc::bad_parameter, "parameter `" + std::string(name) + "` " + std::string(why)};
}

std::string Parameters::checked_name(const Pair& pair) {
  if (json::is_name(pair.second)) return pair.second;
  refuse(pair.first, "must be 1 to 255 bytes of UTF-8 without control characters");
  return {};
}

std::string Parameters::name(std::string_view name) {
  const Pair* pair = find(name);
  return pair == nullptr ? std::string() : checked_name(*pair);
}

std::vector<std::string> Parameters::names(std::string_view name) {
  std::vector<std::string> all;
  for (const Pair& pair : pairs_)
    if (pair.first == name) all.push_back(checked_name(pair));
  if (all.size() > limits::filter_names_max && !error_)
    error_ = Error{Errc::limit_exceeded, "parameter `" + std::string(name) + "` may be given " +
                                             std::to_string(limits::filter_names_max) + " times"};
  return all;
}

std::string Parameters::raw(std::string_view name) const {
  const Pair* pair = find(name);
  return pair == nullptr ? std::string() : pair->second;
}

std::uint64_t Parameters::integer(std::string_view name, std::uint64_t otherwise, Bounds bounds) {
  const Pair* pair = find(name);
  if (pair == nullptr) return otherwise;
  const auto value = parse_integer(pair->second);
  if (value && *value >= bounds.min && *value <= bounds.max) return *value;
  refuse(name, "must be an integer from " + std::to_string(bounds.min) + " to " +
                   std::to_string(bounds.max));
  return otherwise;
}

std::optional<Timestamp> Parameters::time(std::string_view name) {
  const Pair* pair = find(name);
  if (pair == nullptr) return std::nullopt;
  const auto value = parse_rfc3339(with_zone_sign(pair->second));
  if (!value) refuse(name, "must be an RFC 3339 time, such as 2026-01-24T10:00:00Z");
  return value;
}

std::size_t Parameters::word(std::string_view name, std::initializer_list<std::string_view> words,
                             std::size_t otherwise) {
  const Pair* pair = find(name);
  if (pair == nullptr) return otherwise;
  std::string list;
  std::size_t index = 0;
  for (const std::string_view candidate : words) {
    if (candidate == pair->second) return index;
    list.append(index == 0 ? "" : " or ").append(candidate);
    ++index;
  }
  refuse(name, "must be " + list);
  return otherwise;
}

}  // namespace daybook::http
