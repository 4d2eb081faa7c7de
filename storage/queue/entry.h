// An event that a queue has taken in and not finished.
#pragma once

#include <boost/intrusive/list_hook.hpp>
#include <memory>
#include <vector>

#include "storage/model/queue.h"

namespace daybook::queue {

struct Member;

enum class EntryState : std::uint8_t {
  waiting = 0,    // to be delivered, from `due` on
  leased = 1,     // a member has it
  exhausted = 2,  // to be buried
};

// Lists that an entry is in by itself: none of them allocates.
struct InLane;
struct InLeases;
using Hook = boost::intrusive::link_mode<boost::intrusive::auto_unlink>;
using LaneHook = boost::intrusive::list_base_hook<boost::intrusive::tag<InLane>, Hook>;
using LeaseHook = boost::intrusive::list_base_hook<boost::intrusive::tag<InLeases>, Hook>;

struct QueueEntry : LaneHook, LeaseHook {
  Offset offset;
  LaneKey lane = 0;
  EntryState state = EntryState::waiting;
  // It was finished before (a retried dead letter, or an event set aside): the committed offset has
  // passed it and does not wait for it.
  bool again = false;
  bool was_dead = false;   // its dead letter has a row until this is finished
  bool inherited = false;  // its lease is older than the daemon
  bool ready = false;      // it stands in the line of those to be delivered
  bool changed = false;    // since the last row
  Attempt attempts = 0;    // the last one; 0: never delivered
  std::uint32_t failed = 0;
  std::vector<FailedAttempt> failures;  // the last limits::failures_kept
  Member* member = nullptr;             // leased: to whom
  Moment since;                         // leased: delivered or extended then
  Moment due = Moment::min();           // waiting: not before
};

}  // namespace daybook::queue
