// See read_model_sql.h.
#include "replication/postgres/read_model_sql.h"

#include <algorithm>

#include "protocol/json/values.h"

namespace daybook::postgres {
namespace {

using Kind = ReadModelChange::Kind;

std::string doubled(std::string_view text, char what) {
  std::string out;
  for (const char c : text) {
    if (c == what) out += c;
    out += c;
  }
  return out;
}

bool is_whole(std::string_view type) {
  return type == "bigint" || type == "integer";
}

Slot::As slot_for(std::string_view type) {
  if (is_whole(type) || type == "numeric" || type == "double precision") return Slot::As::number;
  if (type == "timestamptz" || type == "date") return Slot::As::time;
  return type == "jsonb" ? Slot::As::json : Slot::As::text;
}

// A parameter as the column's type. 5.0 is whole, 5.5 is not and fails; a date is that of UTC.
std::string cast(const std::string& parameter, std::string_view type, std::string_view truncate) {
  if (is_whole(type)) return "trim_scale(" + parameter + "::numeric)::text::" + std::string(type);
  if (slot_for(type) != Slot::As::time) return parameter + "::" + std::string(type);
  std::string time = parameter + "::timestamptz";
  if (!truncate.empty()) time = "date_trunc(" + quoted_literal(truncate) + ", " + time + ", 'UTC')";
  return type == "date" ? time + "::date" : time;
}

std::string constant_sql(std::string_view constant, std::string_view type) {
  if (constant == "null") return "NULL::" + std::string(type);
  const bool is_text = constant.front() == '"' && type == "text";
  return quoted_literal(is_text ? json::decode_inside(constant.substr(1, constant.size() - 2))
                                : std::string(constant)) +
         "::" + std::string(type);
}

// What the event always has: its own members, but not what its producer put beneath them.
bool is_always_there(std::string_view pointer) {
  return pointer.find('/', 1) == pointer.npos;
}

// Writes one statement, and gathers its parameters on the way.
class Writer {
 public:
  Writer(const ReadModel& model, const ReadModelRule& rule, std::string table)
      : model_(model),
        rule_(rule),
        key_(rule.key.empty() ? model.key : rule.key),
        table_(std::move(table)) {}

  RuleStatement write() && {
    std::string sql = rule_.remove ? remove() : upsert();
    return {std::move(sql), std::move(slots_)};
  }

 private:
  // "$2::text"
  std::string parameter(const std::string& pointer, Slot::As as, bool required) {
    auto slot = std::ranges::find_if(
        slots_, [&](const Slot& s) { return s.pointer == pointer && s.as == as; });
    if (slot == slots_.end()) slot = slots_.insert(slot, {pointer, as, false});
    slot->required |= required;
    return "$" + std::to_string(slot - slots_.begin() + 1) + "::text";
  }

  std::string value(std::string_view column, const ReadModelValue& value, bool required) {
    const std::string& type = model_.find(column)->type;
    if (!value.constant.empty()) return constant_sql(value.constant, type);
    return cast(parameter(value.pointer, slot_for(type), required), type, value.truncate);
  }

  std::string remove() {
    std::string sql = "DELETE FROM " + table_ + " WHERE ";
    for (const auto& [column, from] : key_) {
      sql += quoted_identifier(column) + " = " + value(column, from, true);
      sql += " AND ";
    }
    sql.resize(sql.size() - std::string_view(" AND ").size());
    return sql;
  }

  std::string upsert() {
    std::string columns;
    std::string values;
    std::string conflict;
    std::string updates;
    const auto append = [](std::string& list, const std::string& item) {
      list += (list.empty() ? "" : ", ") + item;
    };
    for (const auto& [column, from] : key_) {
      append(columns, quoted_identifier(column));
      append(values, value(column, from, true));
      append(conflict, quoted_identifier(column));
    }
    for (const ReadModelChange& change : rule_.changes) {
      const std::string inserted = value(change.column, change.value, false);
      const bool adds = change.kind == Kind::increment;
      append(columns, quoted_identifier(change.column));
      append(values, adds ? "coalesce(" + inserted + ", 0)" : inserted);
      append(updates, quoted_identifier(change.column) + " = " + updated(change));
    }
    return "INSERT INTO " + table_ + " AS t (" + columns + ") VALUES (" + values +
           ") ON CONFLICT (" + conflict + ") DO " +
           (updates.empty() ? "NOTHING" : "UPDATE SET " + updates);
  }

  std::string updated(const ReadModelChange& change) {
    const std::string column = quoted_identifier(change.column);
    const std::string old_value = "t." + column;
    const std::string new_value = "EXCLUDED." + column;
    switch (change.kind) {
      case Kind::increment: return "coalesce(" + old_value + ", 0) + " + new_value;
      case Kind::max: return "greatest(" + old_value + ", " + new_value + ")";
      case Kind::min: return "least(" + old_value + ", " + new_value + ")";
      case Kind::set: break;
    }
    const std::string& pointer = change.value.pointer;
    if (is_always_there(pointer)) return new_value;
    return "CASE WHEN " + parameter(pointer, Slot::As::present, false) + "::boolean THEN " +
           new_value + " ELSE " + old_value + " END";
  }

  const ReadModel& model_;
  const ReadModelRule& rule_;
  const ReadModelKey& key_;
  const std::string table_;
  std::vector<Slot> slots_;
};

bool is_counted(const ReadModel& model, const std::string& column) {
  return std::ranges::any_of(model.rules, [&](const ReadModelRule& rule) {
    return std::ranges::any_of(rule.changes, [&](const ReadModelChange& change) {
      return change.kind == Kind::increment && change.column == column;
    });
  });
}

}  // namespace

std::string quoted_identifier(std::string_view identifier) {
  return '"' + doubled(identifier, '"') + '"';
}

std::string quoted_literal(std::string_view text) {
  const bool has_backslash = text.find('\\') != text.npos;
  return (has_backslash ? "E'" : "'") + doubled(doubled(text, '\''), '\\') + "'";
}

ReadModelNames::ReadModelNames(const ReadModel& model)
    : schema("public"), table(model.table), mark("Kept by Daybook: projection " + model.name) {
  const std::size_t dot = table.find('.');
  if (dot == table.npos) return;
  schema = table.substr(0, dot);
  table.erase(0, dot + 1);
}

std::string ReadModelNames::view() const {
  return quoted_identifier(schema) + '.' + quoted_identifier(table);
}

std::string ReadModelNames::table_of(Generation generation) const {
  return quoted_identifier(schema) + '.' +
         quoted_identifier(table + "_g" + std::to_string(generation));
}

std::string create_table_sql(const ReadModel& model, Generation generation) {
  const ReadModelNames names(model);
  const std::string table = names.table_of(generation);
  std::string sql = "CREATE TABLE " + table + " (";
  for (const ReadModelColumn& column : model.columns)
    sql += quoted_identifier(column.name) + ' ' + column.type +
           (is_counted(model, column.name) ? " DEFAULT 0, " : ", ");
  sql += "PRIMARY KEY (";
  for (const auto& [column, from] : model.key)
    sql += (sql.ends_with('(') ? "" : ", ") + quoted_identifier(column);
  return sql + ")); COMMENT ON TABLE " + table + " IS " + quoted_literal(names.mark);
}

std::string create_view_sql(const ReadModel& model, Generation generation) {
  const ReadModelNames names(model);
  std::string sql = "CREATE OR REPLACE VIEW " + names.view() + " AS SELECT ";
  for (const ReadModelColumn& column : model.columns) sql += quoted_identifier(column.name) + ", ";
  sql.resize(sql.size() - 2);
  return sql + " FROM " + names.table_of(generation);
}

RuleStatement rule_statement(const ReadModel& model, const ReadModelRule& rule,
                             Generation generation) {
  return Writer(model, rule, ReadModelNames(model).table_of(generation)).write();
}

}  // namespace daybook::postgres
