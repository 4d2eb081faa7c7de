#include "storage/queue/set_aside.h"

#include <algorithm>

namespace daybook::queue {

Held* SetAside::find(LaneKey lane) {
  const auto found = held_.find(lane);
  return found == held_.end() ? nullptr : &found->second;
}

void SetAside::put(LaneKey lane, Held held) {
  erase(lane);
  total_ += held.count;
  if (held.releasing)
    ++releasing_;
  else
    by_dead_.emplace(held.dead, lane);
  held_.emplace(lane, std::move(held));
  changed_.insert(lane);
}

void SetAside::erase(LaneKey lane) {
  const auto found = held_.find(lane);
  if (found == held_.end()) return;
  total_ -= found->second.count;
  if (found->second.releasing)
    --releasing_;
  else
    by_dead_.erase(found->second.dead);
  held_.erase(found);
  changed_.insert(lane);
}

bool SetAside::take(Candidate event) {
  Held* held = held_.empty() ? nullptr : find(event.lane);
  if (held == nullptr || event.offset <= held->dead) return false;
  if (event.offset <= held->last) return true;  // It was taken before.
  held->last = event.offset;
  ++held->count;
  ++total_;
  changed_.insert(event.lane);
  return true;
}

void SetAside::begin_release(LaneKey lane) {
  Held held = held_.at(lane);
  held.releasing = true;
  if (held.last > held.released_to)
    put(lane, std::move(held));
  else
    erase(lane);
}

void SetAside::settle(Offset dead) {
  const auto found = by_dead_.find(dead);
  if (found != by_dead_.end()) begin_release(LaneKey{found->second});
}

void SetAside::settle_all() {
  while (!by_dead_.empty()) settle(Offset{by_dead_.begin()->first});
}

void SetAside::reset(Offset to) {
  for (const auto& [lane, held] : std::map(held_)) {
    if (held.releasing) {
      erase(lane);
      continue;
    }
    Held empty = held;
    empty.last = {};
    empty.count = 0;
    empty.released_to = std::max(held.dead, to);
    put(lane, std::move(empty));
  }
}

void SetAside::read_again(Offset from) {
  for (const auto& [lane, held] : std::map(held_)) {
    Held again = held;
    again.released_to = std::min(held.released_to, std::max(held.dead, from));
    put(lane, std::move(again));
  }
}

void SetAside::released(LaneKey lane, Offset examined, std::uint64_t count) {
  Held held = held_.at(lane);
  held.released_to = examined;
  held.count -= std::min(held.count, count);
  if (examined < held.last)
    put(lane, std::move(held));
  else
    erase(lane);
}

std::uint64_t SetAside::behind(Offset dead) const {
  const auto found = by_dead_.find(dead);
  return found == by_dead_.end() ? 0 : held_.at(found->second).count;
}

}  // namespace daybook::queue
