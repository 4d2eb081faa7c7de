// See read_model_values.h.
#include "replication/postgres/read_model_values.h"

#include "protocol/json/name.h"
#include "protocol/json/pointer.h"
#include "protocol/json/values.h"
#include "replication/postgres/jsonb_rules.h"

namespace daybook::postgres {
namespace {

// Of the parameter that the slot was given.
//
// PostgreSQL reads "NaN", "Infinity", "now" and "tomorrow" as numbers and times, and a sum that was
// NaN once stays so: no number has an n, and every time begins with a digit.
std::string refusal_of(const Slot& slot, std::string_view text) {
  if (slot.as == Slot::As::json) {
    const std::string refusal = jsonb_refusal(text);
    return refusal.empty() ? "" : "has " + refusal;
  }
  if (text.find('\0') != text.npos || !json::is_utf8(text))
    return "has \\u0000 or half of a surrogate pair, which PostgreSQL cannot hold";
  if (slot.as == Slot::As::number && text.find_first_of("nN") != text.npos) return "is no number";
  if (slot.as == Slot::As::time && (text.empty() || text[0] < '0' || text[0] > '9'))
    return "is no time";
  return "";
}

// `token`: JSON text, empty where the event does not have the place.
std::string take(const Slot& slot, std::string_view token, Parameter& parameter) {
  if (slot.as == Slot::As::present) {
    parameter = token.empty() ? "f" : "t";
    return "";
  }
  if (token.empty() || token == "null")
    return slot.required ? "is missing or null, and says which row it is" : "";
  const bool is_string = token.front() == '"' && slot.as != Slot::As::json;
  parameter =
      is_string ? json::decode_inside(token.substr(1, token.size() - 2)) : std::string(token);
  return refusal_of(slot, *parameter);
}

}  // namespace

RuleValues::RuleValues(std::vector<Slot> slots) {
  for (Slot& slot : slots) {
    auto path = json::parse_pointer(slot.pointer).value();
    places_.push_back({std::move(slot), std::move(path)});
  }
}

std::string RuleValues::fill(std::string_view event, std::vector<Parameter>& parameters) const {
  parameters.assign(places_.size(), std::nullopt);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const auto& [slot, path] = places_[i];
    const std::string refusal = take(slot, json::find(event, path), parameters[i]);
    if (!refusal.empty()) return slot.pointer + ' ' + refusal;
  }
  return "";
}

}  // namespace daybook::postgres
