// Aggregates, groups and operations of the fake backend.
#include "tests/protocol/fake_backend.h"

#include <set>

namespace daybook::testing {

Awaitable<Result<AggregateInfo>> FakeAggregates::find(std::string type, std::string id) {
  std::optional<AggregateInfo> info;
  for (const StoredEvent& event : log_.events()) {
    if (event.aggregate_type != type || event.aggregate_id != id) continue;
    if (!info) info = AggregateInfo{type, id, {}, event.offset, {}, event.recorded_at, {}};
    info->sequence = event.sequence;
    info->last_offset = event.offset;
    info->updated_at = event.recorded_at;
  }
  if (!info) co_return Error{Errc::not_found, "no event of this aggregate is known"};
  co_return *info;
}

Awaitable<Result<Page>> FakeAggregates::read(AggregateQuery query) {
  Page page;
  page.head = log_.head();
  const bool up = query.order == Order::ascending;
  const std::size_t count = log_.events().size();
  for (std::size_t i = 0; i < count && page.events.size() < query.limit; ++i) {
    const StoredEvent& event = log_.events()[up ? i : count - 1 - i];
    if (event.aggregate_type == query.aggregate_type && event.aggregate_id == query.aggregate_id &&
        event.sequence > query.after && event.sequence < query.before)
      page.events.push_back(event.view());
  }
  co_return page;
}

Awaitable<Result<AggregateList>> FakeAggregates::list(AggregateListQuery query) {
  AggregateList list;
  list.head = log_.head();
  std::set<std::pair<std::string, std::string>> names;
  for (const StoredEvent& event : log_.events())
    names.insert({event.aggregate_type, event.aggregate_id});
  for (const auto& [type, id] : names) {
    if (!query.aggregate_type.empty() && type != query.aggregate_type) continue;
    const std::string cursor = type + '/' + id;
    if (cursor <= query.after) continue;
    if (list.aggregates.size() == query.limit) {
      list.next = list.aggregates.back().aggregate_type + '/' + list.aggregates.back().aggregate_id;
      break;
    }
    list.aggregates.push_back(*co_await find(type, id));
  }
  co_return list;
}

GroupInfo FakeGroups::info(const std::string& name, const GroupRow& row) const {
  GroupInfo info;
  info.name = name;
  info.row = row;
  info.head = log_.head();
  if (!row.active_member.empty()) info.members.push_back(row.active_member);
  info.queue.committed = row.committed;
  return info;
}

Awaitable<Result<GroupPort::Put>> FakeGroups::put(PutGroup put) {
  const auto known = rows_.find(put.group);
  if (known == rows_.end()) {
    GroupRow row;
    row.settings = put.settings;
    row.committed = *co_await log_.resolve(put.settings.start);
    rows_[put.group] = row;
    co_return Put{info(put.group, row), true};
  }
  GroupRow& row = known->second;
  if (row.settings == put.settings) co_return Put{info(put.group, row), false};
  if (row.settings.start != put.settings.start)
    co_return Error{Errc::group_exists, "`start` is fixed"};
  if (!put.if_any_revision && !put.if_revision)
    co_return Error{Errc::precondition_required, "changing a group needs If-Match"};
  if (put.if_revision && *put.if_revision != row.revision)
    co_return Error{Errc::precondition_failed, "the group is at another revision"};
  row.settings = put.settings;
  ++row.revision;
  co_return Put{info(put.group, row), false};
}

Awaitable<Result<GroupInfo>> FakeGroups::find(std::string group) {
  const auto known = rows_.find(group);
  if (known == rows_.end()) co_return Error{Errc::unknown_group, "no such group"};
  co_return info(known->first, known->second);
}

const GroupRow* FakeGroups::row(const std::string& group) const {
  const auto known = rows_.find(group);
  return known == rows_.end() ? nullptr : &known->second;
}

std::optional<GroupMode> FakeGroups::mode(const std::string& group) const {
  const GroupRow* const known = row(group);
  return known == nullptr ? std::nullopt : std::optional(known->settings.mode);
}

std::vector<GroupInfo> FakeGroups::list() const {
  std::vector<GroupInfo> all;
  all.reserve(rows_.size());
  for (const auto& [name, row] : rows_) all.push_back(info(name, row));
  return all;
}

Awaitable<Result<void>> FakeGroups::remove(std::string group) {
  if (rows_.erase(group) == 0) co_return Error{Errc::unknown_group, "no such group"};
  co_return Result<void>();
}

Awaitable<Result<Offset>> FakeGroups::commit(CommitOffset commit) {
  const auto known = rows_.find(commit.group);
  if (known == rows_.end()) co_return Error{Errc::unknown_group, "no such group"};
  GroupRow& row = known->second;
  if (commit.generation && *commit.generation < row.generation)
    co_return Error{Errc::fenced, "a newer generation has taken the group"};
  if (commit.offset < row.committed) co_return Error{Errc::commit_backwards, "it is further"};
  if (commit.offset > log_.head()) co_return Error{Errc::beyond_head, "the log is not there yet"};
  row.committed = commit.offset;
  co_return row.committed;
}

Awaitable<Result<Offset>> FakeGroups::reset(ResetGroup reset) {
  const auto known = rows_.find(reset.group);
  if (known == rows_.end()) co_return Error{Errc::unknown_group, "no such group"};
  known->second.committed = *co_await log_.resolve(reset.to);
  co_return known->second.committed;
}

Awaitable<Result<GroupInfo>> FakeGroups::pause(PauseGroup pause) {
  const auto known = rows_.find(pause.group);
  if (known == rows_.end()) co_return Error{Errc::unknown_group, "no such group"};
  if (known->second.settings.mode != GroupMode::queue)
    co_return Error{Errc::wrong_mode, "only queues are paused"};
  known->second.paused = pause.paused;
  co_return info(known->first, known->second);
}

Awaitable<Result<MemberPort::Joined>> FakeGroups::join(std::string group, std::string member) {
  const auto known = rows_.find(group);
  if (known == rows_.end()) co_return Error{Errc::unknown_group, "no such group"};
  GroupRow& row = known->second;
  if (!row.active_member.empty() && row.active_member != member)
    co_return Error{Errc::standby, "another member is active"};
  if (row.active_member.empty()) ++row.generation;
  row.active_member = member;
  co_return Joined{row.generation, row.committed, row.settings.filter,
                   std::chrono::milliseconds(row.settings.member_timeout_ms)};
}

Result<void> FakeGroups::heartbeat(const std::string& group, const std::string& member) {
  const auto known = rows_.find(group);
  if (known == rows_.end()) return Error{Errc::unknown_group, "no such group"};
  if (known->second.active_member != member) return Error{Errc::not_found, "no such member"};
  return {};
}

Result<void> FakeGroups::leave(const std::string& group, const std::string& member) {
  if (auto known = heartbeat(group, member); !known) return known;
  rows_[group].active_member.clear();
  return {};
}

StatusInfo FakeOperations::status() const {
  StatusInfo status;
  status.version = "0.1.0";
  status.log_id = "0199f3c2-0000-7000-8000-000000000000";
  status.head = status.written = status.indexed = log_.head();
  status.floor = {1};
  return status;
}

}  // namespace daybook::testing
