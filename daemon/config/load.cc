// Lays the sources over the defaults, one after the other, and checks what keys say of each other.
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "daemon/config/edit_distance.h"
#include "daemon/config/endpoint.h"
#include "daemon/config/keys.h"
#include "daemon/config/projections.h"
#include "daemon/config/redis_keys.h"
#include "daemon/config/toml.h"

namespace daybook::config {
namespace {

Error unknown(const std::string& origin, const std::string& got, std::string_view nearest) {
  return Error{Errc::unknown_member,
               origin + ": unknown key " + got + "; did you mean " + std::string(nearest) + '?'};
}

Result<void> assign(Config& config, const Assignment& assignment) {
  const Key* key = find_key(assignment.key);
  if (key == nullptr)
    return unknown(assignment.origin, assignment.key, nearest_key(assignment.key).name);
  if (auto done = set(config, *key, assignment.value); !done)
    return Error{done.error().code, assignment.origin + ": " + done.error().detail};
  return {};
}

Result<void> assign_all(Config& config, const std::vector<Assignment>& assignments) {
  for (const Assignment& assignment : assignments)
    if (auto done = assign(config, assignment); !done) return done.error();
  return {};
}

// DAYBOOK_URL and its like belong to other programs. A variable is ours if it begins with one of
// our sections, or is so near to one of our names that it can only be a slip.
bool is_meant_for_us(std::string_view variable, const Key& nearest) {
  constexpr std::size_t kSlipMax = 2;
  const bool names_section = std::ranges::any_of(keys(), [&](const Key& key) {
    const std::string name = key.variable();
    return variable.starts_with(std::string_view(name).substr(0, 9 + key.section().size()));
  });
  return names_section || edit_distance(variable, nearest.variable()) <= kSlipMax;
}

Result<void> assign_environment(
    Config& config, const std::vector<std::pair<std::string, std::string>>& environment) {
  for (const auto& entry : environment) {
    const std::string& variable = entry.first;
    if (!variable.starts_with("DAYBOOK_")) continue;
    const auto is_it = [&](const Key& key) { return key.variable() == variable; };
    const auto key = std::ranges::find_if(keys(), is_it);
    if (key != keys().end()) {
      if (auto done = assign(config, {std::string(key->name), Plain{entry.second}, variable});
          !done)
        return done.error();
      continue;
    }
    const Key& nearest = *std::ranges::min_element(
        keys(), {}, [&](const Key& k) { return edit_distance(variable, k.variable()); });
    if (is_meant_for_us(variable, nearest))
      return unknown("environment", variable, nearest.variable());
  }
  return {};
}

Result<void> check_together(const Config& config) {
  if (auto done = check_projections(config); !done) return done.error();
  for (const std::string& text : config.server.listen) {
    const auto endpoint = parse_endpoint(text);
    if (!endpoint) return endpoint.error();
    if (!endpoint->is_loopback && !config.server.allow_remote)
      return Error{Errc::bad_value,
                   "server.listen is \"" + text +
                       "\", which other machines can reach: Daybook has no authentication yet, so "
                       "it listens on loopback alone unless server.allow_remote is true"};
  }
  if (config.limits.event_bytes_max > config.limits.body_bytes_max)
    return Error{Errc::bad_value, "limits.event_bytes_max is " +
                                      std::to_string(config.limits.event_bytes_max) +
                                      "; it must be at most limits.body_bytes_max, " +
                                      std::to_string(config.limits.body_bytes_max)};
  return check_redis(config.redis);
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad())
    return Error{Errc::io_failed, "the configuration " + path + " cannot be read"};
  return text;
}

Result<void> assign_text(Config& config, std::string_view text, std::string_view name) {
  const auto document = parse_toml(text, name);
  if (!document) return document.error();
  auto projections = read_projections(document->projections);
  if (!projections) return projections.error();
  config.projections = std::move(*projections);
  return assign_all(config, document->assignments);
}

}  // namespace

Result<Config> load(const Sources& sources) {
  Config config;
  if (sources.file) {
    const auto text = read_file(*sources.file);
    if (!text) return text.error();
    if (auto done = assign_text(config, *text, *sources.file); !done) return done.error();
  }
  if (auto done = assign_environment(config, sources.environment); !done) return done.error();
  if (auto done = assign_all(config, sources.assignments); !done) return done.error();
  if (auto done = check_together(config); !done) return done.error();
  return config;
}

Result<Config> load_text(std::string_view text, std::string_view name) {
  Config config;
  if (auto done = assign_text(config, text, name); !done) return done.error();
  if (auto done = check_together(config); !done) return done.error();
  return config;
}

std::vector<std::pair<std::string, std::string>> process_environment() {
  std::vector<std::pair<std::string, std::string>> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = std::min(text.find('='), text.size());
    out.emplace_back(text.substr(0, equals), text.substr(std::min(equals + 1, text.size())));
  }
  return out;
}

}  // namespace daybook::config
