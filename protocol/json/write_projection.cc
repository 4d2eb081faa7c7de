// See write_projection.h.
#include "protocol/json/write_projection.h"

#include <span>

#include "protocol/json/escape.h"

namespace daybook::json {
namespace {

// {"name":value,…}, or [value,…] where `append` writes no name.
template <class Items, class Append>
void append_all(std::string& out, std::string_view brackets, const Items& items, Append append) {
  out += brackets[0];
  for (const auto& item : items) {
    append(item);
    out += ',';
  }
  if (!items.empty()) out.pop_back();
  out += brackets[1];
}

void append_value(std::string& out, std::string_view name, const ReadModelValue& value) {
  append_string(out, name);
  out += ':';
  if (!value.truncate.empty()) {
    append_member(out, R"({"from":)", value.pointer);
    append_member(out, R"(,"truncate":)", value.truncate);
    out += '}';
  } else if (!value.pointer.empty()) {
    append_string(out, value.pointer);
  } else if (value.constant.front() == '"') {
    out += R"({"value":)" + value.constant + '}';
  } else {
    out += value.constant;
  }
}

void append_key(std::string& out, const ReadModelKey& key) {
  append_all(out, "{}", key, [&](const auto& part) { append_value(out, part.first, part.second); });
}

// Changes stand by their kind: each run of one kind is a member.
void append_changes(std::string& out, std::span<const ReadModelChange> changes) {
  while (!changes.empty()) {
    const auto kind = changes.front().kind;
    std::size_t run = 0;
    while (run < changes.size() && changes[run].kind == kind) ++run;
    out.append(",\"").append(name(kind)).append("\":");
    append_all(out, "{}", changes.first(run), [&](const ReadModelChange& change) {
      append_value(out, change.column, change.value);
    });
    changes = changes.subspan(run);
  }
}

void append_rule(std::string& out, const ReadModelRule& rule) {
  out += R"({"event_type":)";
  append_all(out, "[]", rule.event_types,
             [&](const std::string& type) { append_string(out, type); });
  if (!rule.key.empty()) {
    out += R"(,"key":)";
    append_key(out, rule.key);
  }
  append_changes(out, rule.changes);
  if (rule.remove) out += R"(,"delete":true)";
  out += '}';
}

}  // namespace

std::string write_projection(const ReadModel& model) {
  std::string out;
  append_member(out, R"({"name":)", model.name);
  append_member(out, R"(,"table":)", model.table);
  if (!model.aggregate_type.empty())
    append_member(out, R"(,"aggregate_type":)", model.aggregate_type);
  out += R"(,"columns":)";
  append_all(out, "{}", model.columns, [&](const ReadModelColumn& column) {
    append_string(out, column.name);
    out += ':';
    append_string(out, column.type);
  });
  out += R"(,"key":)";
  append_key(out, model.key);
  out += R"(,"on":)";
  append_all(out, "[]", model.rules, [&](const ReadModelRule& rule) { append_rule(out, rule); });
  out += '}';
  return out;
}

}  // namespace daybook::json
