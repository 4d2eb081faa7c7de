#include "storage/decide.h"

#include <algorithm>

namespace daybook {
namespace {

EventView view_of(const PendingEvent& pending) {
  const Draft& draft = *pending.draft;
  EventView event;
  event.offset = pending.offset;
  event.event_type = draft.event_type;
  event.aggregate_type = draft.aggregate_type;
  event.aggregate_id = draft.aggregate_id;
  event.correlation_id = draft.correlation_id;
  event.causation_id = draft.causation_id;
  event.tags = draft.tags;
  return event;
}

std::optional<KnownId> find_id(const Append& append, const Evidence& evidence, std::size_t i,
                               const Window& window) {
  if (evidence.known_ids[i]) return evidence.known_ids[i];
  return window.id_as_written(id_term(append.id_space, append.events[i].id));
}

Error partial_replay(const Append& append, const std::vector<std::optional<KnownId>>& known) {
  Error error{Errc::partial_replay,
              "some of these events are in the log already, and not as one append in this order: "
              "send those that are new alone"};
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i])
      error.conflicts.push_back({.kind = Conflict::Kind::known_id,
                                 .condition = i,
                                 .offset = known[i]->offset.value,
                                 .id = std::string(append.events[i].id)});
  return error;
}

// Whether the known events are the whole append again: consecutive, of one append, in order.
bool is_one_append(const std::vector<std::optional<KnownId>>& known) {
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (!known[i] || known[i]->offset != known[0]->offset + i) return false;
    if (known[i]->batch_index != known[0]->batch_index + i) return false;
  }
  return true;
}

Result<Verdict> decide_ids(const Append& append, const Evidence& evidence, const Window& window) {
  if (evidence.known_ids.empty()) return Verdict{Accept{}};
  std::vector<std::optional<KnownId>> known(append.events.size());
  bool any = false;
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    if (append.events[i].id.empty()) continue;
    known[i] = find_id(append, evidence, i, window);
    any = any || known[i];
    if (known[i] && known[i]->digest != append.events[i].digest)
      return Error{Errc::id_reused, "the id " + std::string(append.events[i].id) +
                                        " belongs to the event at offset " +
                                        std::to_string(known[i]->offset.value) +
                                        ", which has other content: choose a new id"};
  }
  if (!any) return Verdict{Accept{}};
  if (!is_one_append(known)) return partial_replay(append, known);
  return Verdict{
      Repeat{.first = known[0]->offset, .count = static_cast<std::uint32_t>(append.events.size())}};
}

Result<Verdict> decide_request(const Append& append, const Evidence& evidence, const Tail& tail) {
  if (!append.request_key) return Verdict{Accept{}};
  std::optional<RememberedRequest> known = evidence.remembered;
  if (!known) known = tail.requests.find(append.principal, append.request_key->key);
  if (!known) return Verdict{Accept{}};
  if (known->body != append.request_key->body)
    return Error{Errc::key_reused, "the Idempotency-Key \"" + append.request_key->key +
                                       "\" was used with another body: choose a new key"};
  return Verdict{Repeat{.first = known->first, .count = known->count}};
}

// The first event after the evidence that matches, pending ones included.
std::optional<Offset> match_since(const MatchCheck& check, const Evidence& evidence,
                                  const WindowView& window, const Tail& tail) {
  const Offset from = std::max(check.after, evidence.as_of);
  for (Offset offset = from + 1; offset <= window.head(); offset = offset + 1) {
    const auto block = window.block_at(offset);
    const auto event = block->event(offset);
    if (event && check.fail_if_match.matches(*event)) return offset;
  }
  for (const PendingEvent& pending : tail.pending)
    if (pending.offset > from && check.fail_if_match.matches(view_of(pending)))
      return pending.offset;
  return std::nullopt;
}

void check_expected(const Append& append, const Evidence& evidence, const Window& window,
                    std::vector<Conflict>& conflicts) {
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    const Draft& draft = append.events[i];
    if (draft.expected.kind == Expected::Kind::any) continue;
    const Sequence actual = head_of(aggregate_term(draft.aggregate_type, draft.aggregate_id),
                                    evidence.heads[i], window);
    if (draft.expected.holds_at(actual)) continue;
    conflicts.push_back({.kind = Conflict::Kind::sequence,
                         .aggregate_type = std::string(draft.aggregate_type),
                         .aggregate_id = std::string(draft.aggregate_id),
                         .expected = draft.expected.to_json(),
                         .actual = actual.value});
  }
}

void check_aggregate(const AggregateCheck& check, Sequence evidence, const Window& window,
                     std::vector<Conflict>& conflicts) {
  const Sequence actual =
      head_of(aggregate_term(check.aggregate_type, check.aggregate_id), evidence, window);
  if (actual == check.sequence) return;
  conflicts.push_back({.kind = Conflict::Kind::sequence,
                       .aggregate_type = check.aggregate_type,
                       .aggregate_id = check.aggregate_id,
                       .expected = std::to_string(check.sequence.value),
                       .actual = actual.value});
}

Result<void> check_conditions(const Append& append, const Evidence& evidence, const Window& window,
                              const Tail& tail, std::vector<Conflict>& conflicts) {
  std::optional<WindowView> view;
  for (std::size_t i = 0; i < append.conditions.size(); ++i) {
    if (const auto* check = std::get_if<AggregateCheck>(&append.conditions[i])) {
      check_aggregate(*check, evidence.checked_heads[i], window, conflicts);
      continue;
    }
    const auto& match = std::get<MatchCheck>(append.conditions[i]);
    if (match.after > tail.written)
      return Error{Errc::beyond_head,
                   "`after` is beyond the head, " + std::to_string(tail.written.value),
                   "/conditions/" + std::to_string(i) + "/after"};
    auto found = evidence.first_matches[i];
    if (!view) view = window.view();
    if (!found) found = match_since(match, evidence, *view, tail);
    if (found)
      conflicts.push_back({.kind = Conflict::Kind::match, .condition = i, .offset = found->value});
  }
  return {};
}

Error refusal(std::vector<Conflict> conflicts) {
  const bool by_sequence = conflicts.front().kind == Conflict::Kind::sequence;
  Error error{by_sequence ? Errc::sequence_conflict : Errc::condition_failed,
              by_sequence ? "an aggregate is not where it was expected: nothing was written; read "
                            "it again and decide anew"
                          : "an event matches a condition: nothing was written; read what matches "
                            "and decide anew"};
  error.conflicts = std::move(conflicts);
  return error;
}

}  // namespace

Sequence head_of(std::string_view aggregate_term, Sequence evidence, const Window& window) {
  return window.sequence_of(aggregate_term).value_or(evidence);
}

Result<Verdict> decide(const Append& append, const Evidence& evidence, const Window& window,
                       const Tail& tail, const Groups& groups) {
  if (evidence.as_of + 1 < window.first())
    return Error{Errc::evidence_stale, "the evidence is older than the window"};
  // A repeat is seen before any check: a retry after a lost answer never reads as a conflict.
  auto request = decide_request(append, evidence, tail);
  if (!request || std::holds_alternative<Repeat>(*request)) return request;
  auto ids = decide_ids(append, evidence, window);
  if (!ids || std::holds_alternative<Repeat>(*ids)) return ids;

  std::vector<Conflict> conflicts;
  check_expected(append, evidence, window, conflicts);
  if (auto checked = check_conditions(append, evidence, window, tail, conflicts); !checked)
    return checked.error();
  if (!conflicts.empty()) return refusal(std::move(conflicts));
  if (append.commit)
    if (auto moved = groups.check(*append.commit, tail.written); !moved) return moved.error();
  if (append.ack)
    if (auto held = groups.check(*append.ack); !held) return held.error();
  return Verdict{Accept{}};
}

}  // namespace daybook
