// Aggregates whose events wait behind a dead letter: since when and how many, not which. The events
// are read again once the dead letter is settled.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "storage/model/queue.h"

namespace daybook::queue {

struct Held {
  std::string aggregate_type;
  std::string aggregate_id;
  Offset dead;              // the dead letter
  Offset last;              // the last event set aside; 0: none yet
  std::uint64_t count = 0;  // of those not released
  bool releasing = false;   // it is settled
  Offset released_to;       // those up to here wait no more, or never did
};

class SetAside {
 public:
  Held* find(LaneKey lane);
  const std::map<LaneKey, Held>& all() const { return held_; }
  void put(LaneKey lane, Held held);
  void erase(LaneKey lane);
  // Sets the event aside, where it belongs there.
  bool take(Candidate event);
  // Events behind a dead letter that is settled are to be released. None: the aggregate is free.
  void settle(Offset dead);
  void settle_all();
  // Everything up to `to` counts as finished, and what is above is read again.
  void reset(Offset to);
  // What is above `from` is read again, by another filter.
  void read_again(Offset from);
  // Up to `examined`, `count` events were read again.
  void released(LaneKey lane, Offset examined, std::uint64_t count);
  std::uint64_t behind(Offset dead) const;
  std::uint64_t total() const { return total_; }
  bool is_releasing() const { return releasing_ > 0; }

  // Lanes whose record has changed, or is gone, since the last call.
  std::set<LaneKey> take_changed() { return std::exchange(changed_, {}); }
  bool changed() const { return !changed_.empty(); }

 private:
  void begin_release(LaneKey lane);

  std::map<LaneKey, Held> held_;
  std::map<Offset, LaneKey> by_dead_;  // those that are not releasing
  std::set<LaneKey> changed_;
  std::uint64_t total_ = 0;
  std::size_t releasing_ = 0;
};

}  // namespace daybook::queue
