#include "storage/queue/journal.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace daybook::queue {
namespace {

// Changes may weigh so much, or twice the snapshot, before the next one.
constexpr std::size_t kChangeBytes = 64 << 10;

// Puts rows together to the one that a snapshot after the last of them would be.
class Merge {
 public:
  void add(const Row& row) {
    for (const EntryRow& entry : row.entries) {
      EntryRow& merged = entries_[entry.offset] = entry;
      if (entry.state == EntryState::leased) merged.member = index_of(row.members[entry.member]);
    }
    for (const Offset offset : row.finished) entries_.erase(offset);
    for (const HeldRow& held : row.held) {
      if (held.gone)
        held_.erase(held.lane);
      else
        held_[held.lane] = held;
    }
  }
  // `last` gives what every row tells anew.
  Row finish(Row last) {
    last.is_snapshot = true;
    last.members = std::move(members_);
    last.entries.clear();
    for (auto& [offset, entry] : entries_) last.entries.push_back(std::move(entry));
    last.finished.clear();
    last.held.clear();
    for (auto& [lane, held] : held_) last.held.push_back(std::move(held));
    return last;
  }

 private:
  std::uint32_t index_of(const std::string& member) {
    const auto next = static_cast<std::uint32_t>(members_.size());
    const auto [known, is_new] = indexes_.try_emplace(member, next);
    if (is_new) members_.push_back(member);
    return known->second;
  }

  std::map<Offset, EntryRow> entries_;
  std::map<LaneKey, HeldRow> held_;
  std::vector<std::string> members_;
  std::map<std::string, std::uint32_t> indexes_;
};

}  // namespace

bool Journal::wants_snapshot() const {
  return anew_ || last_ - snapshot_ >= kJournalSlots ||
         change_bytes_ >= std::max(kChangeBytes, 2 * snapshot_bytes_);
}

QueueRow Journal::add(Row row) {
  row.number = ++last_;
  const auto turn = static_cast<std::uint32_t>(row.number % kJournalSlots);
  QueueRow written{.slot = row.is_snapshot ? kSnapshotSlot : 1 + turn, .bytes = encode(row)};
  if (!row.is_snapshot) {
    change_bytes_ += written.bytes.size();
    return written;
  }
  anew_ = false;
  snapshot_ = row.number;
  snapshot_bytes_ = written.bytes.size();
  change_bytes_ = 0;
  return written;
}

Result<Row> Journal::recover(const std::vector<QueueRow>& rows) {
  std::map<std::uint64_t, Row> by_number;
  std::optional<std::uint64_t> snapshot;
  for (const QueueRow& bytes : rows) {
    auto row = decode_queue_row(bytes.bytes);
    if (!row) return row.error();
    if (row->is_snapshot != (bytes.slot == kSnapshotSlot))
      return Error{Errc::corrupted, "a queue's row is in another row's place"};
    if (row->is_snapshot) snapshot = row->number;
    by_number.insert_or_assign(row->number, std::move(*row));
  }
  if (!snapshot) return Error{Errc::corrupted, "a queue has no snapshot"};
  by_number.erase(by_number.begin(), by_number.find(*snapshot));
  Merge merge;
  last_ = *snapshot - 1;
  for (const auto& [number, row] : by_number) {
    if (number != ++last_)
      return Error{Errc::corrupted, "a queue's change " + std::to_string(last_) + " is missing"};
    merge.add(row);
  }
  // The next row is a snapshot: `anew_` still holds.
  return merge.finish(std::move(by_number.rbegin()->second));
}

}  // namespace daybook::queue
