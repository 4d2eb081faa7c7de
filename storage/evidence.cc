#include "storage/evidence.h"

namespace daybook {

Result<Evidence> Gatherer::gather(const Command& command, engine::Tier tier) const {
  if (const auto* append = std::get_if<Append>(&command)) return gather(*append, tier);
  Evidence evidence;
  evidence.as_of = window_.committed();
  if (const auto* put = std::get_if<PutGroup>(&command))
    return with_points(evidence, put->settings.start, FromHead{}, tier);
  if (const auto* reset = std::get_if<ResetGroup>(&command))
    return with_points(evidence, reset->to, FromHead{}, tier);
  if (const auto* create = std::get_if<CreateReplay>(&command))
    return with_points(evidence, create->settings.start, create->upto, tier);
  return evidence;
}

Result<Evidence> Gatherer::with_points(Evidence evidence, const GroupStart& start,
                                       const ReplayEnd& upto, engine::Tier tier) const {
  const auto* last = std::get_if<Timestamp>(&upto);
  if (tier == engine::Tier::memory_only && (last || std::holds_alternative<Timestamp>(start)))
    return Error{Errc::not_yet, "not in memory"};
  auto resolved = reader_.resolve(start);
  if (!resolved) return resolved.error();
  evidence.start = *resolved;
  if (const auto* offset = std::get_if<Offset>(&upto)) evidence.upto = *offset;
  if (!last) return evidence;
  resolved = reader_.resolve(Timestamp{last->micros + 1});
  if (!resolved) return resolved.error();
  evidence.upto = *resolved;
  return evidence;
}

Result<Evidence> Gatherer::gather(const Append& append, engine::Tier tier) const {
  if (!window_.is_whole()) return recovering();
  Evidence evidence;
  // Before anything is looked up: all that is found holds at least up to here.
  evidence.as_of = window_.committed();
  if (append.request_key) {
    auto remembered = book_.remembered(append.principal, append.request_key->key, tier);
    if (!remembered) return remembered.error();
    evidence.remembered = *remembered;
  }
  std::string term;
  evidence.heads.reserve(append.events.size());
  for (const Draft& draft : append.events) {
    term.clear();
    append_term(term, TermKind::aggregate, draft.aggregate_id);
    term.append(draft.aggregate_type).push_back('\0');
    auto found = head(term, tier);
    if (!found) return found.error();
    evidence.heads.push_back(*found);
  }
  std::optional<WindowView> window;
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    if (append.events[i].id.empty()) continue;
    if (!window) window = window_.view();
    evidence.known_ids.resize(append.events.size());
    auto known = reader_.known(append.id_space, append.events[i].id, *window, tier);
    if (!known) return known.error();
    evidence.known_ids[i] = *known;
  }
  if (auto gathered = gather_conditions(append, tier, evidence); !gathered) return gathered.error();
  return evidence;
}

Result<void> Gatherer::gather_conditions(const Append& append, engine::Tier tier,
                                         Evidence& evidence) const {
  evidence.checked_heads.resize(append.conditions.size());
  evidence.first_matches.resize(append.conditions.size());
  for (std::size_t i = 0; i < append.conditions.size(); ++i) {
    if (const auto* check = std::get_if<AggregateCheck>(&append.conditions[i])) {
      auto found = head(aggregate_term(check->aggregate_type, check->aggregate_id), tier);
      if (!found) return found.error();
      evidence.checked_heads[i] = *found;
      continue;
    }
    const auto& match = std::get<MatchCheck>(append.conditions[i]);
    if (match.after >= evidence.as_of) continue;  // Deciding looks at all that is newer.
    auto found = reader_.first_match(match.fail_if_match, match.after, condition_postings_, tier);
    if (!found) {
      Error error = found.error();
      error.pointer = "/conditions/" + std::to_string(i);
      return error;
    }
    evidence.first_matches[i] = *found;
  }
  return {};
}

Result<Sequence> Gatherer::head(std::string_view aggregate_term, engine::Tier tier) const {
  const std::uint64_t epoch = window_.heads().epoch();
  if (const auto recent = window_.sequence_of(aggregate_term)) return *recent;
  auto chunk = index_.last_of(aggregate_term, tier);
  if (!chunk) return chunk.error();
  if (!*chunk) return Sequence{0};
  window_.heads().remember(aggregate_term, (*chunk)->last_sequence(), epoch);
  return (*chunk)->last_sequence();
}

}  // namespace daybook
