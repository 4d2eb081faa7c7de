#include "storage/queue/entries.h"

#include "storage/base/check.h"

namespace daybook::queue {

QueueEntry* Entries::find(Offset offset) {
  for (EntryMap* entries : {&in_order_, &again_})
    if (const auto found = entries->find(offset); found != entries->end()) return &found->second;
  return nullptr;
}

QueueEntry& Entries::add(Candidate event, bool again) {
  EntryMap& entries = again ? again_ : in_order_;
  QueueEntry& entry = entries.try_emplace(entries.end(), event.offset)->second;
  entry.offset = event.offset;
  entry.lane = event.lane;
  entry.again = again;
  if (!has_lanes()) return entry;
  LaneList& lane = lanes_[key_of(event.lane)].entries;
  auto place = lane.end();
  while (place != lane.begin() && std::prev(place)->offset > event.offset) --place;
  lane.insert(place, entry);
  return entry;
}

void Entries::erase(QueueEntry& entry) {
  CHECK(entry.state != EntryState::leased && !entry.ready);
  const LaneKey key = key_of(entry.lane);
  EntryMap& entries = entry.again ? again_ : in_order_;
  entries.erase(entry.offset);
  if (!has_lanes()) return;
  if (const auto lane = lanes_.find(key); lane != lanes_.end() && lane->second.entries.empty())
    lanes_.erase(lane);
}

void Entries::clear(Offset kept) {
  in_order_.clear();
  again_.erase(again_.upper_bound(kept), again_.end());
  std::erase_if(lanes_, [](const auto& lane) { return lane.second.entries.empty(); });
}

bool Entries::is_first(const QueueEntry& entry) const {
  if (!has_lanes()) return true;
  const Lane& lane = lanes_.at(key_of(entry.lane));
  return !lane.leased && &lane.entries.front() == &entry;
}

void Entries::set_leased(QueueEntry& entry, bool leased) {
  if (has_lanes()) lanes_.at(key_of(entry.lane)).leased = leased;
}

QueueEntry* Entries::first_of(LaneKey lane) {
  if (!has_lanes()) return nullptr;
  const auto found = lanes_.find(key_of(lane));
  return found == lanes_.end() ? nullptr : &found->second.entries.front();
}

std::vector<QueueEntry*> Entries::all_of(LaneKey lane) {
  std::vector<QueueEntry*> all;
  if (const auto found = lanes_.find(key_of(lane)); has_lanes() && found != lanes_.end())
    for (QueueEntry& entry : found->second.entries) all.push_back(&entry);
  return all;
}

}  // namespace daybook::queue
