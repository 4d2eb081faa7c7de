#include "storage/book/stored_groups.h"

#include "storage/book/book.h"
#include "storage/book/group_row.h"
#include "storage/engine/keys.h"

namespace daybook {
namespace {

Error damaged(const std::string& group, const std::string& what) {
  return {Errc::corrupted, readable_name(group) + ": " + what};
}

// Adds one row: that of a group sorts before those of its queue, and before all of another name.
Result<void> add_row(StoredGroup& group, std::string_view rest, std::string_view value) {
  if (rest.empty()) {
    group.row = value;
    return {};
  }
  if (rest.size() != 1 + sizeof(std::uint32_t))
    return damaged(group.name, "a row of its queue has a key that says nothing");
  group.queue_rows.push_back({.slot = read_big32(rest.data() + 1), .bytes = std::string(value)});
  return {};
}

}  // namespace

std::string readable_name(const std::string& group) {
  if (is_replay_name(group)) return "replay " + group.substr(1);
  if (is_follower_name(group)) return "checkpoint of follower " + group.substr(1);
  return "group " + group;
}

Result<void> each_group(const engine::Database& book,
                        const std::function<Result<void>(const StoredGroup&)>& visit) {
  StoredGroup group;  // No name is empty: nothing was read yet.
  engine::Cursor cursor = book.walk(static_cast<std::size_t>(BookColumn::groups));
  for (cursor.seek(engine::Key()); cursor.valid(); cursor.next()) {
    const std::string_view key = cursor.key().substr(engine::kKeyPrefixBytes);
    const std::string_view name = key.substr(0, key.find('\0'));
    if (name != group.name) {
      if (!group.name.empty())
        if (auto visited = visit(group); !visited) return visited;
      group = {.name = std::string(name), .row = {}, .queue_rows = {}};
    }
    if (auto added = add_row(group, key.substr(name.size()), cursor.value()); !added) return added;
  }
  if (auto status = cursor.status(); !status) return status;
  if (group.name.empty()) return {};
  return visit(group);
}

Result<OpenedGroup> open_group(const StoredGroup& stored, QueueTime now) {
  if (stored.row.empty()) return damaged(stored.name, "its queue is there, and the group is not");
  auto row = decode_group_row(stored.row);
  if (!row) return damaged(stored.name, row.error().detail);
  OpenedGroup group{.row = std::move(*row), .queue = nullptr};
  if (group.row.settings.mode == GroupMode::log) {
    if (stored.queue_rows.empty()) return group;
    return damaged(stored.name, "it has rows of a queue, and is none");
  }
  auto queue = Queue::recover(group.row, stored.queue_rows, now);
  if (!queue) return damaged(stored.name, queue.error().detail);
  group.queue = std::move(*queue);
  group.row.committed = group.queue->view().committed;
  return group;
}

}  // namespace daybook
