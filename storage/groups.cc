#include "storage/groups.h"

#include <utility>

namespace daybook {
namespace {

Error unknown(const std::string& group) {
  return {Errc::unknown_group, "there is no group \"" + group + "\": create it with PUT"};
}

// What a group was created with and keeps.
Result<void> check_fixed(const GroupSettings& is, const GroupSettings& asked) {
  if (is.mode == asked.mode && is.start == asked.start) return {};
  return Error{Errc::group_exists,
               "the group exists with another `mode` or `start`, which are fixed: delete it first, "
               "or use reset to move it"};
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

Result<GroupRow*> Groups::written_row(const std::string& group) {
  const auto found = written_.find(group);
  if (found == written_.end()) return unknown(group);
  return &found->second;
}

Result<Groups::Changed> Groups::put(const PutGroup& put, Offset start) {
  const auto found = written_.find(put.group);
  if (found == written_.end()) {
    if (put.if_revision || put.if_any_revision)
      return Error{Errc::precondition_failed, "If-Match was sent, and there is no such group"};
    const GroupRow row{.settings = put.settings, .committed = start};
    written_.emplace(put.group, row);
    touched_.insert(put.group);
    return Changed{.row = row, .is_new = true};
  }
  GroupRow& row = found->second;
  if (auto fixed = check_fixed(row.settings, put.settings); !fixed) return fixed.error();
  if (row.settings == put.settings) return Changed{.row = row, .differs = false};
  if (auto fresh = check_revision(put, row); !fresh) return fresh.error();
  row.settings = put.settings;
  ++row.revision;
  touched_.insert(put.group);
  return Changed{.row = row};
}

Result<void> Groups::check(const CommitOffset& commit, Offset written) const {
  const auto found = written_.find(commit.group);
  if (found == written_.end()) return unknown(commit.group);
  const GroupRow& row = found->second;
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
  // Whoever reads now must not commit what it read before.
  (*row)->active_member.clear();
  ++(*row)->generation;
  touched_.insert(reset.group);
  return Changed{.row = **row};
}

Result<Groups::Changed> Groups::take(const TakeGroup& take) {
  auto row = written_row(take.group);
  if (!row) return row.error();
  if ((*row)->active_member == take.member) return Changed{.row = **row, .differs = false};
  (*row)->active_member = take.member;
  ++(*row)->generation;
  touched_.insert(take.group);
  return Changed{.row = **row};
}

Result<void> Groups::remove(const std::string& group) {
  if (written_.erase(group) == 0) return unknown(group);
  touched_.insert(group);
  return {};
}

std::vector<GroupChange> Groups::take_changes() {
  std::vector<GroupChange> changes;
  for (const std::string& group : std::exchange(touched_, {})) {
    const auto found = written_.find(group);
    changes.push_back({.group = group, .row = {}});
    if (found != written_.end()) changes.back().row = found->second;
  }
  return changes;
}

void Groups::publish(std::vector<GroupChange> changes) {
  if (changes.empty()) return;
  const std::scoped_lock lock(mutex_);
  for (GroupChange& change : changes) {
    if (change.row)
      committed_.insert_or_assign(std::move(change.group), std::move(*change.row));
    else
      committed_.erase(change.group);
  }
}

std::optional<GroupRow> Groups::find(const std::string& group) const {
  const std::scoped_lock lock(mutex_);
  const auto found = committed_.find(group);
  if (found == committed_.end()) return std::nullopt;
  return found->second;
}

std::map<std::string, GroupRow> Groups::all() const {
  const std::scoped_lock lock(mutex_);
  return committed_;
}

}  // namespace daybook
