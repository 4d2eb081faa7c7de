#include "storage/verify_groups.h"

#include <set>

#include "storage/book/book.h"
#include "storage/book/stored_groups.h"
#include "storage/engine/keys.h"

namespace daybook {
namespace {

// Empty: it is right.
std::string wrong_with_letter(std::string_view row, Offset offset) {
  auto letter = decode_dead_letter(row);
  if (!letter) return letter.error().detail;
  if (letter->copy->first() != offset) return "its copy is of another event";
  auto event = letter->copy->event(offset);
  return event ? "" : event.error().detail;
}

Result<void> verify_letters(const engine::Database& book, const std::set<std::string>& queues,
                            const std::function<void(std::string)>& damage) {
  engine::Cursor cursor = book.walk(static_cast<std::size_t>(BookColumn::dead_letters));
  for (cursor.seek(engine::Key()); cursor.valid(); cursor.next()) {
    const std::string_view key = cursor.key().substr(engine::kKeyPrefixBytes);
    const std::string queue(key.substr(0, key.find('\0')));
    const Offset offset{engine::last_number(key)};
    std::string wrong = wrong_with_letter(cursor.value(), offset);
    if (!queues.contains(queue)) wrong = "its queue is not there";
    if (!wrong.empty())
      damage(readable_name(queue) + ", dead letter " + std::to_string(offset.value) + ": " + wrong);
  }
  return cursor.status();
}

}  // namespace

Result<void> verify_groups(const engine::Database& book, Offset head,
                           const std::function<void(std::string)>& damage) {
  std::set<std::string> queues;
  auto read = each_group(book, [&](const StoredGroup& stored) -> Result<void> {
    auto group = open_group(stored, QueueTime{});
    if (!group) {
      damage(group.error().detail);
      queues.insert(stored.name);  // Its dead letters are not damaged by that.
      return {};
    }
    if (group->queue) queues.insert(stored.name);
    if (group->row.committed > head)
      damage(readable_name(stored.name) + " has committed offset " +
             std::to_string(group->row.committed.value) + ", beyond the head");
    return {};
  });
  if (!read) return read;
  return verify_letters(book, queues, damage);
}

}  // namespace daybook
