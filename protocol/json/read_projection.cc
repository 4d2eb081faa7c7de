// See read_projection.h. Here is what may stand where; check_read_model has what it says together.
#include "protocol/json/read_projection.h"

#include <algorithm>
#include <array>

#include "protocol/json/check_read_model.h"
#include "protocol/json/escape.h"
#include "protocol/json/name.h"
#include "protocol/json/pointer.h"
#include "protocol/json/read_body.h"

namespace daybook::json {
namespace {

constexpr std::array<std::string_view, 6> kProjectionNames = {"name",    "table", "aggregate_type",
                                                              "columns", "key",   "on"};
constexpr Members kProjection{"a projection", kProjectionNames};
constexpr std::uint32_t kProjectionNeeds = 0b111011;

constexpr std::array<std::string_view, 7> kRuleNames = {"event_type", "key", "delete", "set",
                                                        "increment",  "max", "min"};
constexpr Members kRule{"a rule", kRuleNames};

constexpr std::array<std::string_view, 3> kValueNames = {"from", "truncate", "value"};
constexpr Members kValue{"a value", kValueNames};

constexpr std::array<std::string_view, 14> kEventNames = {
    "offset",         "id",         "aggregate_type", "aggregate_id", "sequence", "event_type",
    "schema_version", "tags",       "correlation_id", "causation_id", "payload",  "metadata",
    "occurred_at",    "recorded_at"};

constexpr std::array<std::string_view, 6> kUnits = {"minute", "hour",  "day",
                                                    "week",   "month", "year"};

// An object whose members are named by the user: `take(name)` reads the value of each.
template <class Take>
Refusal read_named(Values& in, Take take) {
  if (!in.at.is_object()) return refuse(Errc::bad_value, "a JSON object is expected here");
  if (!in.at.enter()) return nullptr;
  do {
    std::string name = decode_inside(in.at.take_name());
    if (auto refused = take(name)) return under(name, std::move(refused));
  } while (in.at.next());
  return nullptr;
}

Refusal read_pointer(Values& in, std::string& pointer) {
  std::string_view text;
  if (auto refused = read_string(in, text)) return refused;
  const auto path = parse_pointer(text);
  if (!path || path->empty())
    return refuse(Errc::bad_value,
                  "a JSON pointer into the event is expected here, like \"/payload/name\"; a "
                  "constant text is written {\"value\": \"idle\"}");
  if (std::ranges::find(kEventNames, path->front()) == kEventNames.end())
    return refuse(Errc::bad_value, "an event has no member \"" + path->front() +
                                       "\"; what its producer sent stands under \"/payload\"");
  pointer = text;
  return nullptr;
}

Refusal read_unit(Values& in, std::string& unit) {
  std::string_view word;
  if (auto refused = read_string(in, word)) return refused;
  unit = word;
  return std::ranges::find(kUnits, word) != kUnits.end()
             ? nullptr
             : refuse(Errc::bad_value, R"(a time is truncated to "minute", "hour", "day", "week", )"
                                       R"("month" or "year")");
}

// A string is kept in the one spelling that writers use.
Refusal read_constant(Values& in, std::string& constant) {
  if (in.at.is_object() || in.at.is_array())
    return refuse(Errc::bad_value, "a constant is a string, a number, true, false or null");
  if (!in.at.is_string()) {
    constant = in.at.take();
    return nullptr;
  }
  std::string_view text;
  if (auto refused = read_string(in, text)) return refused;
  if (text.find('\0') != text.npos || !is_utf8(text))
    return refuse(Errc::bad_value,
                  "PostgreSQL cannot hold a text with \\u0000 or half of a surrogate pair");
  append_string(constant, text);
  return nullptr;
}

Refusal read_value_object(Values& in, ReadModelValue& value) {
  MemberWalk walk(in, kValue);
  while (const auto member = walk.next()) {
    Refusal refused;
    switch (*member) {
      case 0: refused = read_pointer(in, value.pointer); break;
      case 1: refused = read_unit(in, value.truncate); break;
      default: refused = read_constant(in, value.constant);
    }
    if (refused) return walk.within(std::move(refused));
  }
  if (walk.has(2) && (walk.has(0) || walk.has(1)))
    return refuse(Errc::bad_value, "either \"from\" or \"value\" is expected here, not both");
  const bool is_null = !walk.has(0) && !walk.has(1) && !walk.has(2);
  if (is_null) value.constant = "null";
  return walk.finish(walk.has(1) ? 0b1 : 0);
}

Refusal read_value(Values& in, ReadModelValue& value) {
  if (in.at.is_object()) return read_value_object(in, value);
  if (in.at.is_string()) return read_pointer(in, value.pointer);
  return read_constant(in, value.constant);
}

Refusal read_columns(Values& in, std::vector<ReadModelColumn>& columns) {
  return read_named(in, [&](const std::string& name) {
    std::string_view type;
    auto refused = read_string(in, type);
    columns.push_back({name, std::string(type)});
    return refused;
  });
}

Refusal read_key(Values& in, ReadModelKey& key) {
  return read_named(in, [&](const std::string& name) {
    return read_value(in, key.emplace_back(name, ReadModelValue{}).second);
  });
}

Refusal read_changes(Values& in, ReadModelChange::Kind kind,
                     std::vector<ReadModelChange>& changes) {
  return read_named(in, [&](const std::string& name) {
    return read_value(in, changes.emplace_back(kind, name, ReadModelValue{}).value);
  });
}

Refusal read_event_types(Values& in, std::vector<std::string>& event_types) {
  if (!in.at.is_string()) return read_names(in, event_types);
  return read_name(in, event_types.emplace_back());
}

Refusal read_delete(Values& in, bool& remove) {
  remove = in.at.take() == "true";
  return remove ? nullptr : refuse(Errc::bad_value, "\"delete\" is true, or left out");
}

Refusal read_rule(Values& in, ReadModelRule& rule) {
  using Kind = ReadModelChange::Kind;
  MemberWalk walk(in, kRule);
  while (const auto member = walk.next()) {
    Refusal refused;
    switch (*member) {
      case 0: refused = read_event_types(in, rule.event_types); break;
      case 1: refused = read_key(in, rule.key); break;
      case 2: refused = read_delete(in, rule.remove); break;
      case 3: refused = read_changes(in, Kind::set, rule.changes); break;
      case 4: refused = read_changes(in, Kind::increment, rule.changes); break;
      case 5: refused = read_changes(in, Kind::max, rule.changes); break;
      default: refused = read_changes(in, Kind::min, rule.changes);
    }
    if (refused) return walk.within(std::move(refused));
  }
  std::ranges::sort(rule.changes, {}, [](const ReadModelChange& change) {
    return std::pair(change.kind, std::string_view(change.column));
  });
  return walk.finish(0b1);
}

Refusal read_rules(Values& in, std::vector<ReadModelRule>& rules) {
  if (!in.at.is_array()) return refuse(Errc::bad_value, "an array of rules is expected here");
  if (!in.at.enter()) return nullptr;
  do {
    if (auto refused = read_rule(in, rules.emplace_back()))
      return under(rules.size() - 1, std::move(refused));
  } while (in.at.next());
  return nullptr;
}

Refusal read_table(Values& in, std::string& table) {
  std::string_view text;
  auto refused = read_string(in, text);
  table = text;
  return refused;
}

}  // namespace

Result<ReadModel> read_projection(std::string_view text, std::string_view name) {
  const auto read = [name](Values& in, ReadModel& model) {
    MemberWalk walk(in, kProjection);
    while (const auto member = walk.next()) {
      Refusal refused;
      switch (*member) {
        case 0: refused = read_name(in, model.name); break;
        case 1: refused = read_table(in, model.table); break;
        case 2: refused = read_name(in, model.aggregate_type); break;
        case 3: refused = read_columns(in, model.columns); break;
        case 4: refused = read_key(in, model.key); break;
        default: refused = read_rules(in, model.rules);
      }
      if (refused) return walk.within(std::move(refused));
    }
    if (!name.empty() && !walk.has(0)) model.name = name;
    if (auto refused = walk.finish(name.empty() ? kProjectionNeeds : kProjectionNeeds & ~1U))
      return refused;
    if (!name.empty() && model.name != name)
      return under("name", refuse(Errc::bad_value, "it is called \"" + std::string(name) +
                                                       "\" already: leave \"name\" out"));
    return check_read_model(model);
  };
  return read_body<ReadModel>(text, Limits{}, read);
}

}  // namespace daybook::json
