// See projections.h.
#include "daemon/config/projections.h"

#include <algorithm>

#include "protocol/json/read_projection.h"
#include "protocol/json/values.h"

namespace daybook::config {
namespace {

std::string quoted(std::string text) {
  return to_string(Value(std::move(text)));
}

std::string key_of(const std::string& name) {
  const bool is_bare = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return is_bare ? name : quoted(name);
}

std::string shown(const ReadModelValue& value) {
  if (!value.truncate.empty())
    return "{ from = " + quoted(value.pointer) + ", truncate = " + quoted(value.truncate) + " }";
  if (!value.pointer.empty()) return quoted(value.pointer);
  const std::string& constant = value.constant;
  if (constant == "null") return "{}";
  if (constant.front() != '"') return constant;
  return "{ value = " + quoted(json::decode_inside(constant.substr(1, constant.size() - 2))) + " }";
}

// An inline table: `shown_of(item)` is "key = value".
template <class Items, class Shown>
std::string inline_table(std::string_view name, const Items& items, Shown shown_of) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? " = { " : ", ") + shown_of(item);
  return out.empty() ? out : std::string(name) + out + " }\n";
}

std::string shown(const ReadModelKey& key) {
  return inline_table(
      "key", key, [](const auto& part) { return key_of(part.first) + " = " + shown(part.second); });
}

std::string shown(const ReadModelRule& rule) {
  std::string out =
      "\n[[projection.on]]\nevent_type = " + to_string(Value(rule.event_types)) + '\n';
  out += shown(rule.key);
  using Kind = ReadModelChange::Kind;
  for (const Kind kind : {Kind::set, Kind::increment, Kind::max, Kind::min}) {
    std::vector<ReadModelChange> changes;
    std::ranges::copy_if(rule.changes, std::back_inserter(changes),
                         [&](const auto& change) { return change.kind == kind; });
    out += inline_table(name(kind), changes, [](const ReadModelChange& change) {
      return key_of(change.column) + " = " + shown(change.value);
    });
  }
  return out + (rule.remove ? "delete = true\n" : "");
}

// "reports.agents" and "agents" are two tables; "public.agents" is the second.
std::string full_name(const std::string& table) {
  return table.find('.') == table.npos ? "public." + table : table;
}

}  // namespace

Result<std::vector<ReadModel>> read_projections(const std::vector<Declaration>& declarations) {
  std::vector<ReadModel> models;
  for (const Declaration& declaration : declarations) {
    auto model = json::read_projection(declaration.json);
    if (!model)
      return Error{model.error().code, declaration.place_of(model.error().pointer) +
                                           ": projection: " + model.error().pointer + ": " +
                                           model.error().detail};
    models.push_back(std::move(*model));
  }
  return models;
}

Result<void> check_projections(const Config& config) {
  if (!config.projections.empty() && config.postgres.url.empty())
    return Error{Errc::bad_value,
                 "a [[projection]] is declared, but postgres.url is empty: it is a table there"};
  for (auto one = config.projections.begin(); one != config.projections.end(); ++one)
    for (auto other = config.projections.begin(); other != one; ++other) {
      if (one->name == other->name)
        return Error{Errc::bad_value, "two projections have the name " + quoted(one->name)};
      if (full_name(one->table) == full_name(other->table))
        return Error{Errc::bad_value, "two projections have the table " + quoted(one->table)};
    }
  return {};
}

std::string show(const ReadModel& model) {
  std::string out = "[[projection]]\nname = " + quoted(model.name) + '\n';
  out += "table = " + quoted(model.table) + '\n';
  if (!model.aggregate_type.empty())
    out += "aggregate_type = " + quoted(model.aggregate_type) + '\n';
  out += inline_table("columns", model.columns, [](const ReadModelColumn& column) {
    return key_of(column.name) + " = " + quoted(column.type);
  });
  out += shown(model.key);
  for (const ReadModelRule& rule : model.rules) out += shown(rule);
  return out;
}

}  // namespace daybook::config
