#include "tests/storage/model_store.h"

#include <algorithm>

namespace daybook::test {
namespace {

std::string refused(Errc code) {
  return std::string(name(code));
}

std::string done(const GroupRow& row, bool created = false) {
  return std::string("ok group ") + (created ? "created " : "") + describe(row);
}

bool type_fits(const std::vector<std::string>& patterns, const std::string& type) {
  if (patterns.empty()) return true;
  for (const std::string& pattern : patterns) {
    if (pattern == type) return true;
    if (pattern.back() == '*' &&
        type.compare(0, pattern.size() - 1, pattern, 0, pattern.size() - 1) == 0)
      return true;
  }
  return false;
}

bool tags_fit(const std::vector<std::string>& asked, const std::vector<std::string>& tags) {
  for (const std::string& tag : asked)
    if (std::count(tags.begin(), tags.end(), tag) == 0) return false;
  return true;
}

bool name_fits(const std::string& asked, const std::string& name) {
  return asked.empty() || asked == name;
}

// What the client sent, `expected` and the id aside.
std::string content_text(const Event& event) {
  std::string text;
  for (const std::string* field :
       {&event.event_type, &event.aggregate_type, &event.aggregate_id, &event.schema_version,
        &event.correlation_id, &event.causation_id, &event.payload, &event.metadata})
    text.append(*field).push_back('\n');
  text += event.occurred_at ? std::to_string(event.occurred_at->micros) : "-";
  for (const std::string& tag : event.tags) text.append("\n").append(tag);
  return text;
}

bool holds(const Expected& expected, Sequence actual) {
  switch (expected.kind) {
    case Expected::Kind::any: return true;
    case Expected::Kind::none: return actual.value == 0;
    case Expected::Kind::exists: return actual.value > 0;
    case Expected::Kind::exact: return expected.sequence == actual;
  }
  return false;
}

void add_sequence_conflict(Error& error, const std::string& type, const std::string& id,
                           const std::string& expected, Sequence actual) {
  error.conflicts.push_back({.kind = Conflict::Kind::sequence,
                             .aggregate_type = type,
                             .aggregate_id = id,
                             .expected = expected,
                             .actual = actual.value});
}

}  // namespace

bool model_matches(const Filter& filter, const ModelEvent& event) {
  const Event& content = event.content;
  const bool names = name_fits(filter.aggregate_type, content.aggregate_type) &&
                     name_fits(filter.aggregate_id, content.aggregate_id) &&
                     name_fits(filter.correlation_id, content.correlation_id) &&
                     name_fits(filter.causation_id, content.causation_id);
  bool items = filter.items.empty();
  for (const FilterItem& item : filter.items)
    items = items ||
            (type_fits(item.event_types, content.event_type) && tags_fit(item.tags, content.tags));
  return names && items && type_fits(filter.event_types, content.event_type) &&
         tags_fit(filter.tags, content.tags);
}

EventView ModelEvent::view() const {
  EventView view;
  view.offset = offset;
  view.sequence = sequence;
  view.id_space = id_space;
  view.id.text = id;
  view.aggregate_type = content.aggregate_type;
  view.aggregate_id = content.aggregate_id;
  view.event_type = content.event_type;
  view.schema_version = content.schema_version;
  view.correlation_id = content.correlation_id;
  view.causation_id = content.causation_id;
  view.payload = content.payload;
  view.metadata = content.metadata;
  view.principal = principal;
  view.recorded_at = recorded_at;
  view.occurred_at = content.occurred_at.value_or(recorded_at);
  view.digest = append_of({.events = {content}}).events[0].digest;
  view.batch_index = batch_index;
  for (const std::string& tag : content.tags) view.tags.emplace_back(tag);
  return view;
}

const std::string& ModelStore::text(Offset offset) const {
  texts_.resize(events_.size());
  std::string& text = texts_[offset.value - 1];
  if (text.empty()) text = describe(at(offset).view());
  return text;
}

std::string ModelStore::apply(const Step& step, Offset start) {
  if (const auto* request = std::get_if<Request>(&step)) return append(*request);
  if (const auto* asked = std::get_if<PutGroup>(&step)) return put(*asked, start);
  if (const auto* asked = std::get_if<CommitOffset>(&step)) return commit(*asked);
  if (const auto* asked = std::get_if<ResetGroup>(&step)) return reset(*asked, start);
  if (const auto* asked = std::get_if<TakeGroup>(&step)) return take(*asked);
  if (groups_.erase(std::get<DeleteGroup>(step).group) == 0) return refused(Errc::unknown_group);
  return "ok";
}

std::optional<Offset> ModelStore::resolve(const GroupStart& start) const {
  if (std::holds_alternative<FromBeginning>(start)) return Offset{0};
  if (std::holds_alternative<FromHead>(start)) return head();
  if (const auto* after = std::get_if<Offset>(&start)) {
    if (*after > head()) return std::nullopt;
    return *after;
  }
  Offset last;
  for (const ModelEvent& event : events_)
    if (event.recorded_at < std::get<Timestamp>(start)) last = event.offset;
  return last;
}

void ModelStore::learn_id(Offset offset, const std::string& id) {
  ModelEvent& event = events_[offset.value - 1];
  event.id = id;
  ids_[{"", id}] = offset;
}

Sequence ModelStore::sequence_of(const std::string& type, const std::string& id) const {
  const auto found = aggregates_.find({type, id});
  return {found == aggregates_.end() ? 0 : found->second.size()};
}

std::optional<Offset> ModelStore::offset_of(const std::string& id_space,
                                            const std::string& id) const {
  const auto found = ids_.find({id_space, id});
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::string ModelStore::append(const Request& request) {
  if (auto known = repeat_or_refusal(request)) {
    const bool repeats = known->starts_with("ok");
    if (repeats && request.commit && !refusal(*request.commit)) commit(*request.commit);
    return *known;
  }
  if (auto failing = failing_checks(request)) return *failing;
  if (request.commit)
    if (const auto code = refusal(*request.commit)) return refused(*code);
  if (request.commit) commit(*request.commit);

  const Offset first = head() + 1;
  const Timestamp last = events_.empty() ? Timestamp{} : events_.back().recorded_at;
  std::string outcome = "ok placed";
  for (std::size_t i = 0; i < request.events.size(); ++i) {
    const Event& content = request.events[i];
    std::vector<Offset>& aggregate = aggregates_[{content.aggregate_type, content.aggregate_id}];
    ModelEvent event{.content = content,
                     .id_space = request.id_space,
                     .id = content.id,
                     .principal = request.principal,
                     .offset = head() + 1,
                     .sequence = {aggregate.size() + 1},
                     .recorded_at = std::max(last, request.stamped_at),
                     .batch_index = static_cast<std::uint32_t>(i)};
    aggregate.push_back(event.offset);
    if (!content.id.empty()) ids_[{request.id_space, content.id}] = event.offset;
    outcome += " " + std::to_string(event.offset.value) + "#" +
               std::to_string(event.sequence.value) + "@" +
               std::to_string(event.recorded_at.micros);
    events_.push_back(std::move(event));
  }
  if (request.request_key)
    requests_[{request.principal, request.request_key->key}] = {request.request_key->body, first,
                                                                request.events.size()};
  accepted_.push_back(request);
  return outcome;
}

std::optional<std::string> ModelStore::repeat_or_refusal(const Request& request) const {
  const auto repeat = [](Offset first, std::size_t count) {
    return "ok repeat " + std::to_string(first.value) + "+" + std::to_string(count);
  };
  if (request.request_key) {
    const auto known = requests_.find({request.principal, request.request_key->key});
    if (known != requests_.end()) {
      if (!(known->second.body == request.request_key->body)) return refused(Errc::key_reused);
      return repeat(known->second.first, known->second.count);
    }
  }
  std::vector<std::optional<Offset>> known;
  for (const Event& event : request.events) {
    known.push_back(event.id.empty() ? std::nullopt : offset_of(request.id_space, event.id));
    if (known.back() && content_text(at(*known.back()).content) != content_text(event))
      return refused(Errc::id_reused);
  }
  if (std::none_of(known.begin(), known.end(), [](const auto& one) { return one.has_value(); }))
    return std::nullopt;
  bool same = true;
  Error error{Errc::partial_replay, ""};
  for (std::size_t i = 0; i < known.size(); ++i) {
    same = same && known[i] && *known[i] == *known[0] + i &&
           at(*known[i]).batch_index == at(*known[0]).batch_index + i;
    if (known[i])
      error.conflicts.push_back({.kind = Conflict::Kind::known_id,
                                 .condition = i,
                                 .offset = known[i]->value,
                                 .id = request.events[i].id});
  }
  return same ? repeat(*known[0], known.size()) : describe(error);
}

std::optional<std::string> ModelStore::failing_checks(const Request& request) const {
  Error error;
  for (const Event& event : request.events) {
    const Sequence actual = sequence_of(event.aggregate_type, event.aggregate_id);
    if (!holds(event.expected, actual))
      add_sequence_conflict(error, event.aggregate_type, event.aggregate_id,
                            event.expected.to_json(), actual);
  }
  for (std::size_t i = 0; i < request.conditions.size(); ++i) {
    if (const auto* check = std::get_if<AggregateCheck>(&request.conditions[i])) {
      const Sequence actual = sequence_of(check->aggregate_type, check->aggregate_id);
      if (actual != check->sequence)
        add_sequence_conflict(error, check->aggregate_type, check->aggregate_id,
                              std::to_string(check->sequence.value), actual);
      continue;
    }
    const auto& match = std::get<MatchCheck>(request.conditions[i]);
    if (match.after > head())
      return describe(Error{Errc::beyond_head, "", "/conditions/" + std::to_string(i) + "/after"});
    const auto found = matching({.filter = match.fail_if_match, .after = match.after});
    if (!found.empty())
      error.conflicts.push_back(
          {.kind = Conflict::Kind::match, .condition = i, .offset = found.front().value});
  }
  if (error.conflicts.empty()) return std::nullopt;
  error.code = error.conflicts[0].kind == Conflict::Kind::sequence ? Errc::sequence_conflict
                                                                   : Errc::condition_failed;
  return describe(error);
}

std::optional<Errc> ModelStore::refusal(const CommitOffset& commit) const {
  const auto group = groups_.find(commit.group);
  if (group == groups_.end()) return Errc::unknown_group;
  if (commit.generation && *commit.generation != group->second.generation) return Errc::fenced;
  if (commit.offset < group->second.committed) return Errc::commit_backwards;
  if (commit.offset > head()) return Errc::beyond_head;
  return std::nullopt;
}

std::string ModelStore::put(const PutGroup& put, Offset start) {
  const auto group = groups_.find(put.group);
  const bool conditional = put.if_revision || put.if_any_revision;
  if (group == groups_.end()) {
    if (conditional) return refused(Errc::precondition_failed);
    const bool at_head = std::holds_alternative<FromHead>(put.settings.start);
    GroupRow& row = groups_[put.group];
    row.settings = put.settings;
    row.committed = at_head ? head() : start;
    return done(row, true);
  }
  GroupRow& row = group->second;
  if (row.settings.mode != put.settings.mode || row.settings.start != put.settings.start)
    return refused(Errc::group_exists);
  if (row.settings == put.settings) return done(row);
  if (!conditional) return refused(Errc::precondition_required);
  if (!put.if_any_revision && *put.if_revision != row.revision)
    return refused(Errc::precondition_failed);
  row.settings = put.settings;
  ++row.revision;
  return done(row);
}

std::string ModelStore::commit(const CommitOffset& commit) {
  if (const auto code = refusal(commit)) return refused(*code);
  groups_[commit.group].committed = commit.offset;
  return done(groups_[commit.group]);
}

std::string ModelStore::reset(const ResetGroup& reset, Offset start) {
  const auto group = groups_.find(reset.group);
  if (group == groups_.end()) return refused(Errc::unknown_group);
  group->second.committed = std::holds_alternative<FromHead>(reset.to) ? head() : start;
  group->second.active_member.clear();
  ++group->second.generation;
  return done(group->second);
}

std::string ModelStore::take(const TakeGroup& take) {
  const auto group = groups_.find(take.group);
  if (group == groups_.end()) return refused(Errc::unknown_group);
  if (group->second.active_member != take.member) {
    group->second.active_member = take.member;
    ++group->second.generation;
  }
  return done(group->second);
}

std::vector<Offset> ModelStore::matching(const Query& query) const {
  std::vector<Offset> found;
  for (const ModelEvent& event : events_)
    if (event.offset > query.after && event.offset < query.before &&
        model_matches(query.filter, event) && query.recorded.contains(event.recorded_at) &&
        query.occurred.contains(event.content.occurred_at.value_or(event.recorded_at)))
      found.push_back(event.offset);
  if (query.order == Order::descending) std::reverse(found.begin(), found.end());
  return found;
}

std::optional<AggregateInfo> ModelStore::aggregate(const std::string& type,
                                                   const std::string& id) const {
  const auto found = aggregates_.find({type, id});
  if (found == aggregates_.end()) return std::nullopt;
  const ModelEvent& first = at(found->second.front());
  const ModelEvent& last = at(found->second.back());
  return AggregateInfo{.aggregate_type = type,
                       .aggregate_id = id,
                       .sequence = last.sequence,
                       .first_offset = first.offset,
                       .last_offset = last.offset,
                       .created_at = first.recorded_at,
                       .updated_at = last.recorded_at};
}

std::vector<Offset> ModelStore::aggregate_offsets(const AggregateQuery& query) const {
  const std::vector<Offset>& all = aggregates_.at({query.aggregate_type, query.aggregate_id});
  std::vector<Offset> found;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i + 1 > query.after.value && i + 1 < query.before.value) found.push_back(all[i]);
  if (query.order == Order::descending) std::reverse(found.begin(), found.end());
  if (found.size() > query.limit) found.resize(query.limit);
  return found;
}

std::vector<AggregateInfo> ModelStore::aggregates(const std::string& type) const {
  std::vector<AggregateInfo> all;
  for (const auto& [name, offsets] : aggregates_)
    if (type.empty() || name.first == type) all.push_back(*aggregate(name.first, name.second));
  return all;
}

}  // namespace daybook::test
