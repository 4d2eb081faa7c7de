// The members of a queue, and which of them is next.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/model/queue.h"

namespace daybook::queue {

struct Member {
  std::string name;
  std::uint64_t seed = 0;    // its hash
  std::uint64_t served = 0;  // deliveries, comparable between members
  std::uint32_t in_flight = 0;
};

class Members {
 public:
  Member& of(const std::string& name);
  Member* find(const std::string& name);
  // Forgets one that holds no lease.
  void remove(const std::string& name);

 private:
  friend class Seats;
  std::map<std::string, std::unique_ptr<Member>> members_;
};

// Who of those that could take an event gets it, during one turn: the member that the lane hashes
// to, so that an aggregate stays with its member as long as members do not change, unless that one
// is `kAhead` deliveries ahead of the one with the fewest; then that one.
// Rendezvous hashing: D. Thaler, C. Ravishankar, "Using Name-Based Mappings to Increase Hit Rates",
// 1998.
class Seats {
 public:
  static constexpr std::uint64_t kAhead = 16;
  // A member that took nothing for a while catches up so far and no further.
  static constexpr std::uint64_t kCatchUp = 256;

  Seats(Members& members, std::vector<Demand>& demand);
  bool empty() const { return seats_.empty(); }
  struct Pick {
    Member* member = nullptr;
    std::uint32_t demand = 0;  // its index
  };
  // Not while `empty`. `lane` 0: no member is better than another. Takes one of its demand.
  Pick pick(LaneKey lane);

 private:
  struct Seat {
    Member* member;
    std::uint32_t demand;
  };
  std::size_t owner_of(LaneKey lane, std::size_t otherwise) const;

  Members& members_;
  std::vector<Demand>& demand_;
  std::vector<Seat> seats_;
};

}  // namespace daybook::queue
