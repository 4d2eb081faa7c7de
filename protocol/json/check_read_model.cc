// See check_read_model.h.
#include "protocol/json/check_read_model.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "protocol/json/name.h"

namespace daybook::json {
namespace {

using Kind = ReadModelChange::Kind;

constexpr std::size_t kIdentifierBytesMax = 63;  // PostgreSQL cuts longer ones
constexpr std::size_t kTableBytesMax = 50;       // "_g" and a generation's number go behind it
constexpr std::size_t kColumnsMax = 250;
constexpr std::size_t kKeyColumnsMax = 32;  // of an index of PostgreSQL
constexpr std::size_t kRulesMax = 100;

constexpr std::array<std::string_view, 10> kTypes = {
    "text",    "bigint", "integer", "numeric",     "double precision",
    "boolean", "uuid",   "jsonb",   "timestamptz", "date"};
constexpr std::array<std::string_view, 6> kSystemColumns = {"tableoid", "xmin", "cmin",
                                                            "xmax",     "cmax", "ctid"};
constexpr std::array<std::string_view, 3> kTakenNames = {"postgres", "redis", "redis-ingest"};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}
bool is_whole(std::string_view type) {
  return type == "bigint" || type == "integer";
}
bool is_numeric(std::string_view type) {
  return is_whole(type) || type == "numeric" || type == "double precision";
}
bool is_time(std::string_view type) {
  return type == "timestamptz" || type == "date";
}

Refusal bad(std::string detail) {
  return refuse(Errc::bad_value, std::move(detail));
}

// It stands in paths, metrics and log lines, and names its row in the database.
Refusal check_name(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (name.size() > kIdentifierBytesMax || !std::ranges::all_of(name, is_plain))
    return bad("the name of a projection is 1 to 63 letters, digits, \"_\", \"-\" or \".\"");
  if (is_one_of(name, kTakenNames))
    return bad("\"" + std::string(name) + "\" is a projection of Daybook's own");
  return nullptr;
}

Refusal check_identifier(std::string_view identifier, std::size_t bytes_max) {
  if (is_name(identifier) && identifier.size() <= bytes_max) return nullptr;
  return bad("a name in the database is 1 to " + std::to_string(bytes_max) +
             " bytes of UTF-8 without control characters");
}

Refusal check_table(std::string_view table) {
  const std::size_t dot = table.find('.');
  if (dot != table.rfind('.'))
    return bad("a table is written \"agents\" or \"reports.agents\": a name has no dot");
  if (dot == table.npos) return check_identifier(table, kTableBytesMax);
  const std::string_view schema = table.substr(0, dot);
  if (schema == "daybook") return bad("the schema daybook is Daybook's own: choose another one");
  if (auto refused = check_identifier(schema, kIdentifierBytesMax)) return refused;
  return check_identifier(table.substr(dot + 1), kTableBytesMax);
}

Refusal check_column(const ReadModel& model, const ReadModelColumn& column) {
  if (auto refused = check_identifier(column.name, kIdentifierBytesMax)) return refused;
  if (is_one_of(column.name, kSystemColumns))
    return bad("every table of PostgreSQL has a column \"" + column.name + "\" already");
  if (model.find(column.name) != &column)
    return refuse(Errc::duplicate_member, "the column is declared more than once");
  if (is_one_of(column.type, kTypes)) return nullptr;
  return bad(
      "the type of a column is text, bigint, integer, numeric, double precision, boolean, "
      "uuid, jsonb, timestamptz or date");
}

Refusal check_columns(const ReadModel& model) {
  if (model.columns.size() > kColumnsMax)
    return refuse(Errc::limit_exceeded,
                  "a table has at most " + std::to_string(kColumnsMax) + " columns");
  for (const ReadModelColumn& column : model.columns)
    if (auto refused = check_column(model, column)) return under(column.name, std::move(refused));
  return nullptr;
}

template <class Number>
bool is_a(std::string_view token) {
  Number number{};
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  return error == std::errc{} && end == token.data() + token.size();
}

bool fits(std::string_view constant, std::string_view type) {
  const char first = constant.front();
  if (constant == "null") return true;
  if (type == "text") return first == '"';
  if (type == "jsonb") return true;
  if (type == "boolean") return first == 't' || first == 'f';
  if (type == "bigint") return is_a<std::int64_t>(constant);
  if (type == "integer") return is_a<std::int32_t>(constant);
  if (is_numeric(type)) return is_a<double>(constant);
  return false;
}

Refusal check_value(const ReadModelValue& value, std::string_view type) {
  const std::string of_type = "a column of the type " + std::string(type);
  if (!value.truncate.empty() && !is_time(type)) return bad(of_type + " takes no truncated time");
  if (value.constant.empty() || fits(value.constant, type)) return nullptr;
  return bad(of_type + " cannot take this constant");
}

Refusal undeclared(std::string_view column) {
  return bad("the column \"" + std::string(column) + "\" is not among \"columns\"");
}

Refusal check_key(const ReadModel& model, const ReadModelKey& key) {
  for (auto part = key.begin(); part != key.end(); ++part) {
    const auto& [name, value] = *part;
    const ReadModelColumn* column = model.find(name);
    Refusal refused;
    if (column == nullptr) {
      refused = undeclared(name);
    } else if (std::find_if(key.begin(), part, [&](auto& p) { return p.first == name; }) != part) {
      refused = refuse(Errc::duplicate_member, "the column is in the key more than once");
    } else if (value.constant == "null") {
      refused = bad("a column of the key is never null");
    } else {
      refused = check_value(value, column->type);
    }
    if (refused) return under(name, std::move(refused));
  }
  return nullptr;
}

bool has(const ReadModelKey& key, std::string_view column) {
  return std::ranges::any_of(key, [&](const auto& part) { return part.first == column; });
}

Refusal check_rule_key(const ReadModel& model, const ReadModelRule& rule) {
  if (rule.key.empty()) return nullptr;
  if (auto refused = check_key(model, rule.key)) return refused;
  const bool has_all =
      std::ranges::all_of(model.key, [&](const auto& part) { return has(rule.key, part.first); });
  return has_all && rule.key.size() == model.key.size()
             ? nullptr
             : bad("the key of a rule has the same columns as the projection's");
}

Refusal check_change(const ReadModel& model, const ReadModelRule& rule,
                     const ReadModelChange& change) {
  const ReadModelColumn* column = model.find(change.column);
  if (column == nullptr) return undeclared(change.column);
  if (has(model.key, change.column))
    return bad("a column of the key is not changed: it says which row it is");
  if (std::ranges::count(rule.changes, change.column, &ReadModelChange::column) > 1)
    return bad("the rule changes this column in more than one way");
  if (change.kind == Kind::increment && !is_numeric(column->type))
    return bad("only a bigint, integer, numeric or double precision is incremented");
  if (change.kind != Kind::set && change.value.constant == "null")
    return bad("only \"set\" takes null");
  return check_value(change.value, column->type);
}

Refusal check_rule(const ReadModel& model, const ReadModelRule& rule) {
  if (rule.event_types.empty())
    return under("event_type", bad("at least one event type is expected here; \"*\" is any"));
  if (auto refused = check_rule_key(model, rule)) return under("key", std::move(refused));
  if (rule.remove && !rule.changes.empty())
    return under("delete", bad("a rule that deletes the row changes nothing else"));
  for (const ReadModelChange& change : rule.changes)
    if (auto refused = check_change(model, rule, change))
      return under(name(change.kind), under(change.column, std::move(refused)));
  return nullptr;
}

Refusal check_rules(const ReadModel& model) {
  if (model.rules.empty()) return bad("at least one rule is expected here");
  if (model.rules.size() > kRulesMax)
    return refuse(Errc::limit_exceeded,
                  "a projection has at most " + std::to_string(kRulesMax) + " rules");
  for (std::size_t i = 0; i < model.rules.size(); ++i)
    if (auto refused = check_rule(model, model.rules[i])) return under(i, std::move(refused));
  return nullptr;
}

}  // namespace

Refusal check_read_model(const ReadModel& model) {
  if (auto refused = check_name(model.name)) return under("name", std::move(refused));
  if (auto refused = check_table(model.table)) return under("table", std::move(refused));
  if (auto refused = check_columns(model)) return under("columns", std::move(refused));
  if (model.key.empty() || model.key.size() > kKeyColumnsMax)
    return under("key", bad("a key has 1 to " + std::to_string(kKeyColumnsMax) + " columns"));
  if (auto refused = check_key(model, model.key)) return under("key", std::move(refused));
  return under("on", check_rules(model));
}

}  // namespace daybook::json
