#include "daemon/backend/store_groups.h"

#include "daemon/backend/lag.h"
#include "daemon/log/log.h"

namespace daybook {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Error unknown_group(const std::string& group) {
  return {Errc::unknown_group, "there is no group \"" + group + "\": create it with PUT"};
}

Error unknown_member(const std::string& member) {
  return {Errc::not_found, "the group has no member \"" + member + "\" now: fetch to join it"};
}

milliseconds timeout_of(const GroupRow& row) {
  return milliseconds(row.settings.member_timeout_ms);
}

MemberPort::Joined joined(const GroupRow& row) {
  return {.generation = row.generation,
          .committed = row.committed,
          .filter = row.settings.filter,
          .timeout = timeout_of(row)};
}

}  // namespace

StoreGroups::StoreGroups(Store& store, Writer& writer, ReadPool& readers, Dispatcher& dispatcher,
                         Others others)
    : store_(store),
      writer_(writer),
      readers_(readers),
      dispatcher_(dispatcher),
      others_(std::move(others)),
      began_(steady_clock::now()) {}

Awaitable<Result<Applied>> StoreGroups::apply(Command command) {
  Job job{.command = std::move(command)};
  co_return co_await writer_.apply(job);
}

Members& StoreGroups::members_of(const std::string& group) {
  return members_.try_emplace(group, began_).first->second;
}

// With its dispatcher's word for what is not durable.
void StoreGroups::describe_queue(GroupInfo& info) const {
  info.queue = store_.groups().queue_view(info.name).value_or(QueueView{});
  if (auto shown = dispatcher_.find(info.name)) {
    info.members = std::move(shown->members);
    info.idle = shown->idle;
    info.stalled = shown->stalled;
  } else if (info.row.paused) {
    info.idle = Idle::paused;
  } else if (info.queue.unfinished > 0 || info.queue.examined < info.head) {
    info.idle = Idle::no_credits;
  }
}

GroupInfo StoreGroups::info_without_lag_seconds(const std::string& name,
                                                const GroupRow& row) const {
  GroupInfo info;
  info.name = name;
  info.row = row;
  info.head = store_.committed();
  if (row.settings.mode == GroupMode::queue) {
    describe_queue(info);
    return info;
  }
  const std::scoped_lock lock(mutex_);
  const auto found = members_.find(name);
  if (found != members_.end())
    info.members = found->second.list(row.active_member, timeout_of(row), steady_clock::now());
  return info;
}

Awaitable<GroupInfo> StoreGroups::info(std::string name, GroupRow row) {
  GroupInfo info = info_without_lag_seconds(name, row);
  info.lag_seconds = co_await lag_seconds(store_, readers_, row.committed);
  co_return info;
}

Awaitable<Result<GroupPort::Put>> StoreGroups::put(PutGroup put) {
  if (auto refused = others_.refusal(put.settings)) co_return std::move(*refused);
  std::string name = put.group;
  Command command = std::move(put);
  auto applied = co_await apply(std::move(command));
  if (!applied) co_return applied.error();
  dispatcher_.changed(name);
  others_.changed();
  if (applied->created)
    log::info("group_created", {{"group", name}, {"committed", applied->group.committed.value}});
  const bool created = applied->created;
  GroupInfo shown = co_await info(std::move(name), std::move(applied->group));
  Put answer{.group = std::move(shown), .created = created};
  co_return answer;
}

Awaitable<Result<GroupInfo>> StoreGroups::find(std::string group) {
  auto row = store_.groups().find(group);
  if (!row) co_return unknown_group(group);
  co_return co_await info(std::move(group), std::move(*row));
}

std::optional<GroupMode> StoreGroups::mode(const std::string& group) const {
  const auto row = store_.groups().find(group);
  return row ? std::optional(row->settings.mode) : std::nullopt;
}

std::vector<GroupInfo> StoreGroups::list() const {
  std::vector<GroupInfo> all;
  for (const auto& [name, row] : store_.groups().all()) {
    if (row.replay || is_follower_name(name)) continue;
    GroupInfo info = info_without_lag_seconds(name, row);
    info.lag_seconds = lag_seconds_at_least(store_.window(), row.committed);
    all.push_back(std::move(info));
  }
  return all;
}

// Its replays are over with it: nobody is there to take them.
Awaitable<Result<void>> StoreGroups::remove(std::string group) {
  const auto all = store_.groups().all();
  for (const auto& [name, row] : all) {
    if (!row.replay || row.replay->group != group || row.replay->cancelled) continue;
    Command cancel = CancelReplay{.id = name.substr(1)};
    const auto cancelled = co_await apply(std::move(cancel));
    if (!cancelled) co_return cancelled.error();
    dispatcher_.changed(name);
  }
  Command command = DeleteGroup{group};
  auto applied = co_await apply(std::move(command));
  if (!applied) co_return applied.error();
  dispatcher_.changed(group);
  others_.changed();
  log::info("group_deleted", {{"group", group}});
  const std::scoped_lock lock(mutex_);
  members_.erase(group);
  co_return Result<void>();
}

Awaitable<Result<Offset>> StoreGroups::commit(CommitOffset commit) {
  Command command = std::move(commit);
  auto applied = co_await apply(std::move(command));
  if (!applied) co_return applied.error();
  co_return applied->group.committed;
}

Awaitable<Result<Offset>> StoreGroups::reset(ResetGroup reset) {
  const std::string group = reset.group;
  const auto before = store_.groups().find(group);
  Command command = std::move(reset);
  auto applied = co_await apply(std::move(command));
  if (!applied) co_return applied.error();
  dispatcher_.changed(group);
  log::info("group_reset", {{"group", group},
                            {"from", before ? before->committed.value : 0},
                            {"to", applied->group.committed.value}});
  co_return applied->group.committed;
}

Awaitable<Result<GroupInfo>> StoreGroups::pause(PauseGroup pause) {
  const std::string group = pause.group;
  const bool paused = pause.paused;
  Command command = std::move(pause);
  auto applied = co_await apply(std::move(command));
  if (!applied) co_return applied.error();
  dispatcher_.changed(group);
  log::info(paused ? "group_paused" : "group_resumed", {{"group", group}});
  co_return co_await info(group, std::move(applied->group));
}

Awaitable<Result<MemberPort::Joined>> StoreGroups::join(std::string group, std::string member) {
  auto row = store_.groups().find(group);
  if (!row) co_return unknown_group(group);
  if (row->settings.mode == GroupMode::queue)
    co_return Error{Errc::wrong_mode, "the group is in mode \"queue\": its members ack events"};
  Members::Standing standing;
  {
    const std::scoped_lock lock(mutex_);
    standing =
        members_of(group).join(member, row->active_member, timeout_of(*row), steady_clock::now());
  }
  if (standing == Members::Standing::active) co_return joined(*row);
  if (standing == Members::Standing::standby)
    co_return Error{Errc::standby, "\"" + row->active_member + "\" reads this group: stand by " +
                                       "and ask again until it leaves or times out"};
  Command command = TakeGroup{.group = group, .member = member};
  auto applied = co_await apply(std::move(command));
  if (!applied) {
    const std::scoped_lock lock(mutex_);
    members_of(group).take_failed(member);
    co_return applied.error();
  }
  log::info("group_taken",
            {{"group", group}, {"member", member}, {"generation", applied->group.generation}});
  const std::scoped_lock lock(mutex_);
  members_of(group).join(member, member, timeout_of(applied->group), steady_clock::now());
  co_return joined(applied->group);
}

Result<void> StoreGroups::heartbeat(const std::string& group, const std::string& member) {
  const auto row = store_.groups().find(group);
  if (!row) return unknown_group(group);
  if (row->settings.mode == GroupMode::queue) {
    if (dispatcher_.heartbeat(group, member)) return {};
    return unknown_member(member);
  }
  const std::scoped_lock lock(mutex_);
  if (members_of(group).heartbeat(member, row->active_member, timeout_of(*row),
                                  steady_clock::now()))
    return {};
  return unknown_member(member);
}

Result<void> StoreGroups::leave(const std::string& group, const std::string& member) {
  const auto row = store_.groups().find(group);
  if (!row) return unknown_group(group);
  if (row->settings.mode == GroupMode::queue) {
    if (dispatcher_.leave(group, member)) return {};
    return unknown_member(member);
  }
  const std::scoped_lock lock(mutex_);
  if (members_of(group).leave(member, row->active_member, steady_clock::now())) return {};
  return unknown_member(member);
}

}  // namespace daybook
