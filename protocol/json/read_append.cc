// See read_append.h.
#include "protocol/json/read_append.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "protocol/json/minify.h"
#include "protocol/json/read_draft.h"
#include "protocol/json/read_leases.h"
#include "protocol/json/read_query.h"

namespace daybook::json {
namespace {

constexpr std::array<std::string_view, 4> kEnvelopeNames = {"events", "conditions", "commit",
                                                            "ack"};
constexpr Members kEnvelope{"an append", kEnvelopeNames};

constexpr std::array<std::string_view, 3> kCommitNames = {"group", "offset", "generation"};
constexpr Members kCommit{"commit", kCommitNames};

enum ConditionMember : std::size_t { aggregate_type, aggregate_id, sequence, fail_if_match, after };
constexpr std::array<std::string_view, 5> kConditionNames = {"aggregate_type", "aggregate_id",
                                                             "sequence", "fail_if_match", "after"};
constexpr Members kCondition{"a condition", kConditionNames};

Refusal read_events(Values& in, const Limits& limits, std::vector<Draft>& events) {
  if (!in.at.is_array()) return refuse(Errc::bad_value, "an array of events is expected here");
  if (!in.at.enter()) return nullptr;
  do {
    if (events.size() == limits.batch_events_max)
      return refuse(Errc::limit_exceeded, "an append has at most " +
                                              std::to_string(limits.batch_events_max) +
                                              " events (limits.batch_events_max)");
    if (auto refused = read_draft(in, limits, events.emplace_back()))
      return under(events.size() - 1, std::move(refused));
  } while (in.at.next());
  return nullptr;
}

Refusal read_commit_member(Values& in, CommitOffset& commit) {
  MemberWalk walk(in, kCommit);
  while (const auto member = walk.next()) {
    Refusal refused;
    if (*member == 0) refused = read_name(in, commit.group);
    if (*member == 1) refused = read_offset(in, commit.offset);
    if (*member == 2) refused = read_unsigned(in, commit.generation.emplace());
    if (refused) return walk.within(std::move(refused));
  }
  return walk.finish(0b11);
}

Refusal read_condition(Values& in, Condition& condition) {
  AggregateCheck aggregate;
  MatchCheck match;
  MemberWalk walk(in, kCondition);
  while (const auto member = walk.next()) {
    Refusal refused;
    if (*member == aggregate_type) refused = read_name(in, aggregate.aggregate_type);
    if (*member == aggregate_id) refused = read_name(in, aggregate.aggregate_id);
    if (*member == sequence) refused = read_unsigned(in, aggregate.sequence.value);
    if (*member == fail_if_match) refused = read_filter(in, match.fail_if_match);
    if (*member == after) refused = read_offset(in, match.after);
    if (refused) return walk.within(std::move(refused));
  }
  const bool matches = walk.has(fail_if_match) || walk.has(after);
  if (auto refused = walk.finish(matches ? 1U << fail_if_match : 0b111U)) return refused;
  for (const std::size_t other : {aggregate_type, aggregate_id, sequence})
    if (matches && walk.has(other))
      return under(kConditionNames[other],
                   refuse(Errc::unknown_member,
                          "a condition checks either an aggregate or a filter, not both"));
  if (matches) {
    condition = std::move(match);
  } else {
    condition = std::move(aggregate);
  }
  return nullptr;
}

Refusal read_conditions(Values& in, const Limits& limits, std::vector<Condition>& conditions) {
  if (!in.at.is_array()) return refuse(Errc::bad_value, "an array of conditions is expected here");
  if (!in.at.enter()) return nullptr;
  do {
    if (conditions.size() == limits.batch_events_max)
      return refuse(Errc::limit_exceeded, "an append has at most " +
                                              std::to_string(limits.batch_events_max) +
                                              " conditions (limits.batch_events_max)");
    if (auto refused = read_condition(in, conditions.emplace_back()))
      return under(conditions.size() - 1, std::move(refused));
  } while (in.at.next());
  return nullptr;
}

bool is_envelope(Cursor at) {
  if (!at.enter()) return false;
  do {
    const std::string_view name = at.take_name();
    if (name == "events") return true;
    if (name.find('\\') != std::string_view::npos && decode_inside(name) == "events") return true;
    at.take();
  } while (at.next());
  return false;
}

Refusal read_envelope(Values& in, const Limits& limits, Append& append) {
  MemberWalk walk(in, kEnvelope);
  while (const auto member = walk.next())
    if (auto refused =
            read_envelope_member(in, static_cast<EnvelopeMember>(*member), limits, append))
      return walk.within(std::move(refused));
  if (auto refused = walk.finish(0b1)) return refused;
  return check_batch(append, "/events");
}

Refusal read_body(Values& in, const Limits& limits, Append& append) {
  if (in.at.is_array()) {
    append.events.reserve(16);
    if (auto refused = read_events(in, limits, append.events)) return refused;
    return check_batch(append, "");
  }
  if (!in.at.is_object())
    return refuse(Errc::bad_value,
                  "the body must be an event, an array of events, or an object with \"events\"");
  if (is_envelope(in.at)) return read_envelope(in, limits, append);
  return read_draft(in, limits, append.events.emplace_back());
}

Refusal at_event(std::string_view at, std::size_t index, std::string_view member, Refusal refusal) {
  refusal = under(index, under(member, std::move(refusal)));
  refusal->pointer.insert(0, at);
  return refusal;
}

struct AggregateName {
  std::string_view type;
  std::string_view id;
  friend bool operator==(const AggregateName&, const AggregateName&) = default;
};

struct AggregateHash {
  std::size_t operator()(const AggregateName& name) const {
    const std::hash<std::string_view> hash;
    return hash(name.type) * 31 + hash(name.id);
  }
};

Refusal check_expected(const std::vector<Draft>& events, std::string_view at) {
  const auto asks = [](const Draft& draft) { return draft.expected.kind != Expected::Kind::any; };
  if (std::ranges::none_of(events, asks)) return nullptr;
  std::unordered_set<AggregateName, AggregateHash> seen(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const bool first = seen.insert({events[i].aggregate_type, events[i].aggregate_id}).second;
    if (!first && asks(events[i]))
      return at_event(
          at, i, "expected_sequence",
          refuse(Errc::bad_value, "expected_sequence belongs on the aggregate's first event only"));
  }
  return nullptr;
}

Refusal check_ids(const std::vector<Draft>& events, std::string_view at) {
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < events.size(); ++i)
    if (!events[i].id.empty() && !seen.insert(events[i].id).second)
      return at_event(at, i, "id",
                      refuse(Errc::duplicate_id,
                             "the id \"" + std::string(events[i].id) + "\" is given twice"));
  return nullptr;
}

}  // namespace

Refusal read_envelope_member(Values& in, EnvelopeMember member, const Limits& limits,
                             Append& append) {
  switch (member) {
    case EnvelopeMember::events: return read_events(in, limits, append.events);
    case EnvelopeMember::conditions: return read_conditions(in, limits, append.conditions);
    case EnvelopeMember::commit: return read_commit_member(in, append.commit.emplace());
    case EnvelopeMember::ack: break;
  }
  return read_append_ack(in, append.ack.emplace());
}

Refusal check_batch(const Append& append, std::string_view at) {
  if (append.events.empty()) {
    auto refusal = refuse(Errc::empty_batch, "an append needs at least one event");
    refusal->pointer = at;
    return refusal;
  }
  if (append.events.size() == 1) return nullptr;
  if (auto refused = check_ids(append.events, at)) return refused;
  return check_expected(append.events, at);
}

Result<Append> read_append(std::string_view body, const Limits& limits) {
  Append append;
  const auto text = minify_into(append.text, body, limits.json_depth_max);
  if (!text) return text.error();
  Values in{Cursor(*text), &append.text};
  if (auto refused = read_body(in, limits, append)) return std::move(*refused);
  return append;
}

}  // namespace daybook::json
