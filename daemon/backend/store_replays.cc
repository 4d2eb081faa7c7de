#include "daemon/backend/store_replays.h"

#include "daemon/log/log.h"
#include "storage/base/random.h"
#include "storage/server_id.h"

namespace daybook {
namespace {

// UUIDv7: in the order of their creation.
std::string new_id(Timestamp created_at) {
  LogId no_log{};
  const Uuid uuid = make_server_id(no_log, Offset{random_number()}, created_at, random_number());
  return EventId{.text = {}, .uuid = uuid}.to_string();
}

Error no_replay(const std::string& id) {
  return {Errc::not_found, "there is no replay \"" + id + "\": it may have been deleted"};
}

// Its first offset is part of the range; a group starts after one.
GroupStart start_of(const std::variant<FromBeginning, Offset, Timestamp>& from) {
  if (const auto* time = std::get_if<Timestamp>(&from)) return *time;
  const auto* offset = std::get_if<Offset>(&from);
  if (offset == nullptr || offset->value == 0) return FromBeginning{};
  return *offset - 1;
}

}  // namespace

ReplayInfo StoreReplays::info(std::string id, GroupRow row) const {
  ReplayInfo info{.id = std::move(id), .row = std::move(row)};
  info.queue = store_.groups().queue_view(replay_name(info.id)).value_or(QueueView{});
  const ReplayRange& range = *info.row.replay;
  info.in_progress =
      !range.cancelled && (info.queue.examined < range.upto || info.queue.unfinished > 0);
  return info;
}

Awaitable<Result<ReplayInfo>> StoreReplays::change(std::string id, Command command) {
  Job job{.command = std::move(command)};
  auto applied = co_await writer_.apply(job);
  if (!applied) co_return applied.error();
  dispatcher_.changed(replay_name(id));
  co_return info(std::move(id), std::move(applied->group));
}

// With the settings of the group that it is delivered to; its own dead letters are its failures, so
// that they set nothing aside.
Awaitable<Result<ReplayInfo>> StoreReplays::create(Create create) {
  CreateReplay replay{.group = create.group, .upto = create.to, .created_at = now()};
  replay.id = new_id(replay.created_at);
  if (!create.group.empty()) {
    const auto target = store_.groups().find(create.group);
    if (!target)
      co_return Error{Errc::unknown_group,
                      "there is no group \"" + create.group + "\": create it with PUT"};
    replay.settings = target->settings;
    replay.settings.queue.push.reset();
    replay.settings.queue.block_aggregate = false;
  }
  replay.settings.mode = GroupMode::queue;
  replay.settings.filter = std::move(create.filter);
  replay.settings.start = start_of(create.from);
  std::string id = replay.id;
  Command command = std::move(replay);
  auto created = co_await change(id, std::move(command));
  if (created)
    log::info("replay_created", {{"replay", id},
                                 {"group", created->row.replay->group},
                                 {"after", created->row.replay->after.value},
                                 {"upto", created->row.replay->upto.value}});
  co_return created;
}

Result<ReplayInfo> StoreReplays::find(const std::string& id) const {
  auto row = store_.groups().find(replay_name(id));
  if (!row) return no_replay(id);
  return info(id, std::move(*row));
}

std::vector<ReplayInfo> StoreReplays::list() const {
  std::vector<ReplayInfo> all;
  for (auto& [name, row] : store_.groups().all())
    if (row.replay) all.push_back(info(name.substr(1), row));
  return all;
}

Awaitable<Result<ReplayInfo>> StoreReplays::pause(std::string id, bool paused) {
  const auto known = find(id);
  if (!known) co_return known.error();
  Command command = PauseGroup{.group = replay_name(id), .paused = paused};
  auto changed = co_await change(id, std::move(command));
  if (changed) log::info(paused ? "replay_paused" : "replay_resumed", {{"replay", id}});
  co_return changed;
}

Awaitable<Result<ReplayInfo>> StoreReplays::cancel(std::string id) {
  Command command = CancelReplay{.id = id};
  auto changed = co_await change(id, std::move(command));
  if (changed) log::info("replay_cancelled", {{"replay", id}});
  co_return changed;
}

Awaitable<Result<void>> StoreReplays::remove(std::string id) {
  const auto known = find(id);
  if (!known) co_return known.error();
  Job job{.command = DeleteGroup{.group = replay_name(id)}};
  auto applied = co_await writer_.apply(job);
  if (!applied) co_return applied.error();
  dispatcher_.changed(replay_name(id));
  log::info("replay_deleted", {{"replay", id}});
  co_return Result<void>();
}

}  // namespace daybook
