// What a queue has taken in and not finished, by offset; in lanes by their order.
#pragma once

#include <boost/intrusive/list.hpp>
#include <map>
#include <unordered_map>

#include "storage/model/group.h"
#include "storage/queue/entry.h"

namespace daybook::queue {

using EntryMap = std::map<Offset, QueueEntry>;
using LeaseList = boost::intrusive::list<QueueEntry, boost::intrusive::base_hook<LeaseHook>,
                                         boost::intrusive::constant_time_size<false>>;

class Entries {
 public:
  explicit Entries(GroupOrder order) : order_(order) {}

  QueueEntry* find(Offset offset);
  // A new one, last in its lane or between those that it lies between. Not in any other list.
  QueueEntry& add(Candidate event, bool again);
  // Ends it. It must be in no list but its lane.
  void erase(QueueEntry& entry);
  // All but those that were finished before, up to `kept`. They may be in no list but their lanes.
  void clear(Offset kept);

  // Nothing stands before it in its lane, and nothing of the lane is leased.
  bool is_first(const QueueEntry& entry) const;
  void set_leased(QueueEntry& entry, bool leased);
  // The first one of the lane of an entry that was finished; nullptr: none is left.
  QueueEntry* first_of(LaneKey lane);
  // Those of the lane, in offset order.
  std::vector<QueueEntry*> all_of(LaneKey lane);

  // Those that the committed offset waits for, and those that it does not.
  const EntryMap& in_order() const { return in_order_; }
  const EntryMap& again() const { return again_; }
  EntryMap& again() { return again_; }
  std::size_t size() const { return in_order_.size() + again_.size(); }

 private:
  using LaneList = boost::intrusive::list<QueueEntry, boost::intrusive::base_hook<LaneHook>,
                                          boost::intrusive::constant_time_size<false>>;
  struct Lane {
    LaneList entries;
    bool leased = false;
  };
  LaneKey key_of(LaneKey lane) const { return order_ == GroupOrder::single ? 0 : lane; }
  bool has_lanes() const { return order_ != GroupOrder::none; }

  const GroupOrder order_;
  EntryMap in_order_;
  EntryMap again_;
  std::unordered_map<LaneKey, Lane> lanes_;
};

}  // namespace daybook::queue
