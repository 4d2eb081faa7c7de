#include "storage/queues.h"

#include <utility>

namespace daybook {
namespace {

void put(Commit& rows, const std::string& name, const QueueWrites& writes) {
  if (writes.row) rows.put_queue_row(name, *writes.row);
  for (const auto& [offset, row] : writes.dead_letters) rows.put_dead_letter(name, offset, row);
  for (const Offset offset : writes.settled) rows.remove_dead_letter(name, offset);
}

}  // namespace

const Queue* Queues::find(const std::string& name) const {
  const auto found = queues_.find(name);
  return found == queues_.end() ? nullptr : found->second.get();
}

Queue* Queues::change(const std::string& name) {
  const auto found = queues_.find(name);
  if (found == queues_.end()) return nullptr;
  touched_.insert(name);
  return found->second.get();
}

void Queues::add(const std::string& name, const GroupRow& row) {
  queues_.insert_or_assign(name, std::make_unique<Queue>(row, row.committed));
  touched_.insert(name);
}

void Queues::remove(const std::string& name) {
  queues_.erase(name);
  touched_.erase(name);
}

std::map<std::string, QueueView> Queues::write(Commit& rows) {
  std::map<std::string, QueueView> views;
  for (const std::string& name : std::exchange(touched_, {})) {
    Queue& queue = *queues_.at(name);
    if (!queue.changed()) continue;
    put(rows, name, queue.take_writes());
    views.emplace(name, queue.view());
  }
  return views;
}

}  // namespace daybook
