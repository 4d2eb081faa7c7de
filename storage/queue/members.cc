#include "storage/queue/members.h"

#include <xxhash.h>

#include <algorithm>

namespace daybook::queue {
namespace {

// The finalizer of MurmurHash3: every bit of the input changes every bit of the output.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccd;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53;
  return x ^ (x >> 33);
}

}  // namespace

Member* Members::find(const std::string& name) {
  const auto found = members_.find(name);
  return found == members_.end() ? nullptr : found->second.get();
}

Member& Members::of(const std::string& name) {
  if (Member* known = find(name)) return *known;
  auto member = std::make_unique<Member>();
  member->name = name;
  member->seed = XXH3_64bits(name.data(), name.size());
  // It begins where the others are: it is owed nothing of before.
  for (const auto& [other, is] : members_) member->served = std::max(member->served, is->served);
  return *members_.emplace(name, std::move(member)).first->second;
}

void Members::remove(const std::string& name) {
  const auto found = members_.find(name);
  if (found != members_.end() && found->second->in_flight == 0) members_.erase(found);
}

Seats::Seats(Members& members, std::vector<Demand>& demand) : members_(members), demand_(demand) {
  for (std::uint32_t i = 0; i < demand.size(); ++i)
    if (demand[i].count > 0) seats_.push_back({&members.of(demand[i].member), i});
  std::uint64_t most = 0;
  for (const auto& [name, member] : members.members_) most = std::max(most, member->served);
  for (const Seat& seat : seats_)
    seat.member->served = std::max(seat.member->served, most - std::min(most, kCatchUp));
}

// The seat of the member with the highest hash; `otherwise` where that member takes nothing now.
std::size_t Seats::owner_of(LaneKey lane, std::size_t otherwise) const {
  const Member* owner = nullptr;
  std::uint64_t highest = 0;
  for (const auto& [name, member] : members_.members_) {
    const std::uint64_t hash = mix(member->seed ^ lane);
    if (owner != nullptr && hash <= highest) continue;
    owner = member.get();
    highest = hash;
  }
  for (std::size_t i = 0; i < seats_.size(); ++i)
    if (seats_[i].member == owner) return i;
  return otherwise;
}

Seats::Pick Seats::pick(LaneKey lane) {
  std::size_t chosen = 0;
  for (std::size_t i = 1; i < seats_.size(); ++i)
    if (seats_[i].member->served < seats_[chosen].member->served) chosen = i;
  if (lane != 0 && seats_.size() > 1) {
    const std::size_t owner = owner_of(lane, chosen);
    if (seats_[owner].member->served <= seats_[chosen].member->served + kAhead) chosen = owner;
  }
  const Seat seat = seats_[chosen];
  ++seat.member->served;
  if (--demand_[seat.demand].count == 0)
    seats_.erase(seats_.begin() + static_cast<std::ptrdiff_t>(chosen));
  return {seat.member, seat.demand};
}

}  // namespace daybook::queue
