#include "storage/groups.h"

#include <algorithm>
#include <utility>

namespace daybook {
namespace {

Error unknown(const std::string& group) {
  return {Errc::unknown_group, "there is no group \"" + group + "\": create it with PUT"};
}

Error reads_in_order(const std::string& group) {
  return {Errc::wrong_mode,
          "the group \"" + group + "\" is in mode \"log\": it has no leases, commit an offset"};
}

Error leases_events(const std::string& group) {
  return {Errc::wrong_mode,
          "the group \"" + group + "\" is in mode \"queue\": its offset follows what is acked"};
}

bool is_queue(const GroupRow& row) {
  return row.settings.mode == GroupMode::queue;
}

// What a group was created with and keeps.
Result<void> check_fixed(const GroupSettings& is, const GroupSettings& asked) {
  if (is.mode == asked.mode && is.start == asked.start && is.queue.order == asked.queue.order)
    return {};
  return Error{Errc::group_exists,
               "the group exists with another `mode`, `order` or `start`, which are fixed: delete "
               "it first, or use reset to move it"};
}

Result<void> check_revision(const PutGroup& put, const GroupRow& row) {
  if (put.if_any_revision || put.if_revision == row.revision) return {};
  if (!put.if_revision)
    return Error{
        Errc::precondition_required,
        "the group exists with other settings: send If-Match with its ETag to change them"};
  return Error{Errc::precondition_failed, "the group's settings have changed: its ETag is \"" +
                                              std::to_string(row.revision) + "\" now"};
}

}  // namespace

Groups::Groups(const std::map<std::string, GroupRow>& rows, Queues::ByName queues)
    : written_(rows), queues_(std::move(queues)) {
  for (const auto& [name, row] : rows) {
    Published& shown = published_[name];
    shown.row = row;
    if (const Queue* queue = queues_.find(name)) shown.queue = queue->view();
  }
}

Result<Groups::Changed> Groups::put(const PutGroup& put, Offset start) {
  const auto found = written_.find(put.group);
  if (found == written_.end()) {
    if (put.if_revision || put.if_any_revision)
      return Error{Errc::precondition_failed, "If-Match was sent, and there is no such group"};
    return add(put.group, {.settings = put.settings, .committed = start});
  }
  GroupRow& row = found->second;
  if (auto fixed = check_fixed(row.settings, put.settings); !fixed) return fixed.error();
  if (row.settings == put.settings) return Changed{.row = row, .differs = false};
  if (auto fresh = check_revision(put, row); !fresh) return fresh.error();
  row.settings = put.settings;
  ++row.revision;
  if (Queue* queue = queues_.change(put.group)) queue->configure(row);
  touched_.insert(put.group);
  return Changed{.row = row};
}

Result<void> Groups::check(const CommitOffset& commit, Offset written) const {
  const auto found = written_.find(commit.group);
  if (found == written_.end()) return unknown(commit.group);
  const GroupRow& row = found->second;
  if (is_queue(row)) return leases_events(commit.group);
  if (commit.generation && *commit.generation != row.generation)
    return Error{Errc::fenced, "generation " + std::to_string(*commit.generation) +
                                   " no longer leads the group: " + std::to_string(row.generation) +
                                   " does"};
  if (commit.offset < row.committed)
    return Error{Errc::commit_backwards, "the group has committed offset " +
                                             std::to_string(row.committed.value) +
                                             " already; only reset moves it back"};
  if (commit.offset > written)
    return Error{Errc::beyond_head, "offset " + std::to_string(commit.offset.value) +
                                        " is beyond the head, " + std::to_string(written.value)};
  return {};
}

Result<Groups::Changed> Groups::commit(const CommitOffset& commit, Offset written) {
  if (auto right = check(commit, written); !right) return right.error();
  GroupRow& row = written_.at(commit.group);
  const bool differs = row.committed != commit.offset;
  row.committed = commit.offset;
  if (differs) touched_.insert(commit.group);
  return Changed{.row = row, .differs = differs};
}

Result<Groups::Changed> Groups::reset(const ResetGroup& reset, Offset start) {
  auto row = written_row(reset.group);
  if (!row) return row.error();
  (*row)->committed = start;
  if (Queue* queue = queues_.change(reset.group)) queue->reset(start);
  // Whoever reads now must not commit what it read before.
  (*row)->active_member.clear();
  ++(*row)->generation;
  touched_.insert(reset.group);
  return Changed{.row = **row};
}

Result<Groups::Changed> Groups::take(const TakeGroup& take) {
  auto row = written_row(take.group);
  if (!row) return row.error();
  if (is_queue(**row)) return leases_events(take.group);
  if ((*row)->active_member == take.member) return Changed{.row = **row, .differs = false};
  (*row)->active_member = take.member;
  ++(*row)->generation;
  touched_.insert(take.group);
  return Changed{.row = **row};
}

Result<Groups::Changed> Groups::pause(const PauseGroup& pause) {
  auto found = written_row(pause.group);
  if (!found) return found.error();
  GroupRow& row = **found;
  if (!is_queue(row)) return reads_in_order(pause.group);
  if (row.paused == pause.paused) return Changed{.row = row, .differs = false};
  row.paused = pause.paused;
  queues_.change(pause.group)->configure(row);
  touched_.insert(pause.group);
  return Changed{.row = row};
}

Result<Groups::Changed> Groups::create(const CreateReplay& create, Offset after, Offset upto) {
  if (!create.group.empty()) {
    auto target = written_row(create.group);
    if (!target) return target.error();
    if (!is_queue(**target)) return reads_in_order(create.group);
  }
  const std::string name = replay_name(create.id);
  if (written_.contains(name))
    return Error{Errc::group_exists, "there is a replay " + create.id + " already"};
  return add(name, {.settings = create.settings,
                    .committed = after,
                    .replay = ReplayRange{.group = create.group,
                                          .after = after,
                                          .upto = std::max(after, upto),
                                          .created_at = create.created_at}});
}

Result<Groups::Changed> Groups::cancel(const CancelReplay& cancel) {
  const std::string name = replay_name(cancel.id);
  const auto found = written_.find(name);
  if (found == written_.end())
    return Error{Errc::not_found, "there is no replay " + cancel.id + ": it may have been deleted"};
  GroupRow& row = found->second;
  if (row.replay->cancelled) return Changed{.row = row, .differs = false};
  row.replay->cancelled = true;
  Queue& queue = *queues_.change(name);
  queue.configure(row);
  queue.reset(row.replay->upto);
  touched_.insert(name);
  return Changed{.row = row};
}

Result<void> Groups::remove(const std::string& group) {
  if (written_.erase(group) == 0) return unknown(group);
  queues_.remove(group);
  touched_.insert(group);
  return {};
}

Result<void> Groups::check(const AckWithAppend& ack) const {
  const Queue* queue = queues_.find(ack.group);
  if (!queue) return no_queue(ack.group);
  const auto& replay = written_.at(ack.group).replay;
  if (replay && !ack.replay_of.empty() && replay->group != ack.replay_of)
    return Error{Errc::not_found, "the replay is not one of the group \"" + ack.replay_of + "\"",
                 "/ack/replay_id"};
  return queue->check(ack.leases);
}

Result<Queue*> Groups::queue(const std::string& group) {
  Queue* queue = queues_.change(group);
  if (!queue) return no_queue(group);
  return queue;
}

std::vector<GroupChange> Groups::take_changes(Commit& rows) {
  std::map<std::string, GroupChange> changes;
  const auto change_of = [&changes](const std::string& group) -> GroupChange& {
    return changes.try_emplace(group, GroupChange{.group = group, .row = {}, .queue = {}})
        .first->second;
  };
  for (auto& [name, view] : queues_.write(rows)) {
    written_.at(name).committed = view.committed;
    change_of(name).queue = std::move(view);
  }
  for (const std::string& name : std::exchange(touched_, {})) {
    GroupChange& change = change_of(name);
    const auto found = written_.find(name);
    if (found != written_.end()) change.row = found->second;
  }
  std::vector<GroupChange> list;
  list.reserve(changes.size());
  for (auto& [name, change] : changes) list.push_back(std::move(change));
  return list;
}

void Groups::publish(std::vector<GroupChange> changes) {
  if (changes.empty()) return;
  const std::scoped_lock lock(mutex_);
  for (GroupChange& change : changes) {
    if (!change.row && !change.queue) {
      published_.erase(change.group);
      continue;
    }
    Published& shown = published_[change.group];
    if (change.row) shown.row = std::move(*change.row);
    if (change.queue) shown.queue = change.queue;
    if (!is_queue(shown.row)) shown.queue.reset();  // It was deleted, and made anew in log mode.
    if (shown.queue) shown.row.committed = shown.queue->committed;
  }
}

std::optional<GroupRow> Groups::find(const std::string& group) const {
  const std::scoped_lock lock(mutex_);
  const auto found = published_.find(group);
  if (found == published_.end()) return std::nullopt;
  return found->second.row;
}

std::optional<QueueView> Groups::queue_view(const std::string& group) const {
  const std::scoped_lock lock(mutex_);
  const auto found = published_.find(group);
  if (found == published_.end()) return std::nullopt;
  return found->second.queue;
}

std::map<std::string, GroupRow> Groups::all() const {
  const std::scoped_lock lock(mutex_);
  std::map<std::string, GroupRow> rows;
  for (const auto& [name, shown] : published_) rows.emplace(name, shown.row);
  return rows;
}

Result<GroupRow*> Groups::written_row(const std::string& group) {
  const auto found = written_.find(group);
  if (found == written_.end()) return unknown(group);
  return &found->second;
}

Error Groups::no_queue(const std::string& group) const {
  return written_.contains(group) ? reads_in_order(group) : unknown(group);
}

Groups::Changed Groups::add(const std::string& group, GroupRow row) {
  if (is_queue(row)) queues_.add(group, row);
  touched_.insert(group);
  const GroupRow& added = written_.emplace(group, std::move(row)).first->second;
  return {.row = added, .is_new = true};
}

}  // namespace daybook
