#include "tests/storage/random_steps.h"

#include <algorithm>
#include <set>

namespace daybook::test {
namespace {

using Names = std::vector<std::string>;

const Names kEventTypes = {"order.placed", "order.paid", "order", "user.seen", "x"};
const Names kPatterns = {"order.*", "order*", "*", "user.seen", "x", "order", "none", "none.*"};
const Names kTags = {"red", "blue", "t:1", "t:10", "never"};
const Names kCorrelations = {"", "", "c-1", "c-10", "c-2"};
const Names kGroups = {"billing", "mail", "mail2", "audit"};
const Names kMembers = {"m1", "m2"};
const Names kSpaces = {"", "", "", "legacy"};

}  // namespace

const Names& RandomSteps::aggregate_types() {
  static const Names types = {"order", "user", "o"};
  return types;
}

const Names& RandomSteps::aggregate_ids() {
  static const Names ids = {"1", "2", "10", "a", "ab", "rare"};
  return ids;
}

Names RandomSteps::some(const Names& pool, unsigned percent) {
  Names chosen;
  for (const std::string& name : pool)
    if (random_.chance(percent)) chosen.push_back(name);
  return chosen;
}

Offset RandomSteps::offset_near_head() {
  const std::uint64_t head = model_.head().value;
  switch (random_.below(8)) {
    case 0: return {head + 1 + random_.below(3)};
    case 1: return {0};
    case 2: return {head};
    case 3: return {head - std::min<std::uint64_t>(head, random_.below(20))};
    default: return {random_.below(head + 1)};
  }
}

Filter RandomSteps::filter() {
  Filter filter;
  if (random_.chance(30)) filter.aggregate_type = random_.pick(aggregate_types());
  if (random_.chance(25)) filter.aggregate_id = random_.pick(aggregate_ids());
  if (random_.chance(30)) filter.event_types = some(kPatterns, 20);
  if (random_.chance(30)) filter.tags = some(kTags, 25);
  if (random_.chance(10)) filter.correlation_id = random_.pick(kCorrelations);
  if (random_.chance(10)) filter.causation_id = random_.pick(kCorrelations);
  if (random_.chance(20))
    for (std::uint64_t left = 1 + random_.below(2); left > 0; --left)
      filter.items.push_back({.event_types = some(kPatterns, 20), .tags = some(kTags, 25)});
  return filter;
}

TimeRange RandomSteps::times() {
  TimeRange range;
  if (random_.chance(60)) range.from = Timestamp{clock_ - static_cast<int>(random_.below(3000))};
  if (random_.chance(60)) range.to = Timestamp{clock_ - static_cast<int>(random_.below(2000))};
  return range;
}

Query RandomSteps::query() {
  Query query;
  query.filter = filter();
  query.order = random_.chance(50) ? Order::ascending : Order::descending;
  if (random_.chance(50)) query.after = offset_near_head();
  if (random_.chance(30)) query.before = offset_near_head();
  if (random_.chance(2)) query.after = {~std::uint64_t{0} - random_.below(2)};
  if (random_.chance(15)) query.recorded = times();
  if (random_.chance(15)) query.occurred = times();
  query.limit = static_cast<std::uint32_t>(1 + random_.below(random_.chance(50) ? 5 : 100));
  return query;
}

AggregateQuery RandomSteps::aggregate_query() {
  AggregateQuery query;
  query.aggregate_type = random_.pick(aggregate_types());
  query.aggregate_id = random_.pick(aggregate_ids());
  query.order = random_.chance(50) ? Order::ascending : Order::descending;
  const std::uint64_t last = model_.sequence_of(query.aggregate_type, query.aggregate_id).value;
  if (random_.chance(50)) query.after = {random_.below(last + 3)};
  if (random_.chance(50)) query.before = {random_.below(last + 3)};
  if (random_.chance(5)) query.after = {~std::uint64_t{0}};
  query.limit = static_cast<std::uint32_t>(1 + random_.below(40));
  return query;
}

GroupStart RandomSteps::start() {
  switch (random_.below(4)) {
    case 0: return FromBeginning{};
    case 1: return FromHead{};
    case 2: return offset_near_head();
    default: return Timestamp{clock_ - static_cast<int>(random_.below(3000))};
  }
}

Event RandomSteps::event() {
  Event event;
  event.event_type = random_.pick(kEventTypes);
  event.aggregate_type = random_.pick(aggregate_types());
  event.aggregate_id = random_.pick(aggregate_ids());
  if (event.aggregate_id == "rare" && random_.chance(80)) event.aggregate_id = "1";
  if (random_.chance(2)) event.aggregate_id = "once-" + std::to_string(random_.below(1000));
  event.correlation_id = random_.pick(kCorrelations);
  event.causation_id = random_.pick(kCorrelations);
  event.schema_version = random_.chance(80) ? "1" : "\"2.0\"";
  event.payload = R"({"n":)" + std::to_string(random_.below(3)) + "}";
  if (random_.below(1000) == 0) event.payload = "\"" + std::string(140 << 10, 'p') + "\"";
  if (random_.chance(20)) event.metadata = R"({"trace":"t"})";
  if (random_.chance(20))
    event.occurred_at = Timestamp{clock_ - static_cast<int>(random_.below(3000))};
  event.tags = some(kTags, 15);
  std::erase(event.tags, "never");
  return event;
}

Expected RandomSteps::expected(const Event& event) {
  const Sequence actual = model_.sequence_of(event.aggregate_type, event.aggregate_id);
  switch (random_.below(10)) {
    case 0: return exactly(random_.below(actual.value + 3));
    case 1:
    case 2: return exactly(actual.value);
    case 3: return {.kind = Expected::Kind::none};
    case 4: return {.kind = Expected::Kind::exists};
    default: return {};
  }
}

Condition RandomSteps::condition() {
  if (random_.chance(50)) {
    AggregateCheck check{.aggregate_type = random_.pick(aggregate_types()),
                         .aggregate_id = random_.pick(aggregate_ids())};
    check.sequence = model_.sequence_of(check.aggregate_type, check.aggregate_id);
    if (random_.chance(20)) check.sequence.value += 1;
    return check;
  }
  MatchCheck match{.fail_if_match = filter(), .after = offset_near_head()};
  if (random_.chance(50)) match.fail_if_match.tags.emplace_back("never");
  return match;
}

CommitOffset RandomSteps::commit() {
  CommitOffset commit{.group = random_.pick(kGroups), .offset = offset_near_head()};
  const auto group = model_.groups().find(commit.group);
  if (group == model_.groups().end()) return commit;
  const Offset committed = group->second.committed;
  if (random_.chance(60)) commit.offset = {committed.value + random_.below(4)};
  if (random_.chance(40))
    commit.generation = group->second.generation + (random_.chance(20) ? 1 : 0);
  return commit;
}

PutGroup RandomSteps::put() {
  PutGroup put{.group = random_.pick(kGroups)};
  const auto group = model_.groups().find(put.group);
  if (group != model_.groups().end() && random_.chance(80)) put.settings = group->second.settings;
  if (random_.chance(40)) put.settings.start = start();
  if (random_.chance(40)) put.settings.filter = filter();
  if (random_.chance(20)) put.settings.member_timeout_ms = 1000;
  if (random_.chance(40)) put.if_revision = 1 + random_.below(3);
  put.if_any_revision = random_.chance(10);
  return put;
}

// New ids, and some that are known.
void RandomSteps::choose_ids(Request& request) {
  std::set<std::string> used;
  for (Event& event : request.events) {
    if (random_.chance(60)) continue;
    if (random_.chance(85) || model_.events().empty()) {
      event.id = "id-" + std::to_string(next_id_++);
    } else {
      const ModelEvent& old = random_.pick(model_.events());
      if (random_.chance(70)) event = old.content;
      event.id = old.id;
    }
    if (!used.insert(event.id).second) event.id.clear();
  }
}

Request RandomSteps::fresh_request() {
  Request request;
  request.id_space = random_.pick(kSpaces);
  request.principal = random_.chance(80) ? "" : "someone";
  request.randomness = random_.below(~std::uint64_t{0});
  const std::uint64_t count = random_.chance(5) ? 20 : 1 + random_.below(4);
  for (std::uint64_t i = 0; i < count; ++i) request.events.push_back(event());
  choose_ids(request);
  std::set<std::string> seen;
  for (Event& event : request.events) {
    const bool is_first = seen.insert(event.aggregate_type + "/" + event.aggregate_id).second;
    event.expected = is_first && request.events.size() < 20 ? expected(event) : Expected{};
  }
  if (random_.chance(20)) request.conditions.push_back(condition());
  if (random_.chance(10)) request.conditions.push_back(condition());
  if (random_.chance(15)) request.commit = commit();
  if (random_.chance(15))
    request.request_key = RequestKey{.key = "k" + std::to_string(random_.below(40)),
                                     .body = {random_.chance(80) ? 1u : 2u, 7}};
  return request;
}

// A request of before: as it was, a part of it, in another order, or with more.
Request RandomSteps::repeated_request() {
  const auto& accepted = model_.accepted();
  const std::size_t back = random_.below(std::min<std::size_t>(accepted.size(), 60));
  Request request = accepted[accepted.size() - 1 - back];
  if (random_.chance(20)) request.events.pop_back();
  if (random_.chance(20) && !request.events.empty()) request.events.erase(request.events.begin());
  if (random_.chance(10)) std::reverse(request.events.begin(), request.events.end());
  if (random_.chance(10) || request.events.empty()) request.events.push_back(event());
  if (random_.chance(10)) request.id_space = random_.pick(kSpaces);
  if (random_.chance(30)) request.commit = commit();
  for (std::size_t i = 1; i < request.events.size(); ++i) request.events[i].expected = {};
  return request;
}

Step RandomSteps::step() {
  clock_ += static_cast<int>(random_.below(40)) - 5;
  switch (random_.below(20)) {
    case 0: return commit();
    case 1: return put();
    case 2: return TakeGroup{random_.pick(kGroups), random_.pick(kMembers)};
    case 3: return ResetGroup{random_.pick(kGroups), start()};
    case 4:
      if (random_.chance(40)) return DeleteGroup{random_.pick(kGroups)};
      break;
    default: break;
  }
  Request request =
      random_.chance(10) && !model_.accepted().empty() ? repeated_request() : fresh_request();
  request.stamped_at = Timestamp{clock_};
  return request;
}

}  // namespace daybook::test
