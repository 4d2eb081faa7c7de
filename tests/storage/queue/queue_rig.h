// A queue and what stands around it in the daemon: a log with an index, a clock, a disk, and
// whoever drives it. All of it is virtual: nothing happens but what the test asks for.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/queue/queue.h"

namespace daybook::test {

struct LogEvent {
  std::string aggregate;
  std::string event_type;
};

// The settings of a group in queue mode: short times, and no breaker.
GroupRow queue_group(GroupOrder order = GroupOrder::aggregate);

class QueueRig {
 public:
  explicit QueueRig(const GroupRow& group, Offset start = {});

  // The log. Offsets count from 1.
  Offset append(const std::string& aggregate, const std::string& event_type = "wanted");
  Offset head() const { return Offset{log_.size()}; }
  const LogEvent& event(Offset offset) const { return log_[offset.value - 1]; }
  LaneKey lane(Offset offset) const;
  bool matches(Offset offset) const;

  // The clock. A restart begins another steady one.
  QueueTime now() const { return now_; }
  void pass(std::chrono::milliseconds time);

  // What a dispatcher would ask for next: what may be read, what is to be buried or released.
  // At most `read_max` events are looked at, and `read_max` of one aggregate.
  QueueTurn gather(std::size_t read_max) const;
  TurnResult turn(const QueueTurn& turn, std::vector<Demand>& demand);
  // Whether there was anything to write.
  bool commit();
  void configure(const GroupRow& group);
  void reset(Offset to);
  // The daemon dies: what was not committed has never been. False: the queue would not start.
  bool restart(std::uint64_t shuffle_seed);

  Queue& queue() { return *queue_; }
  const Queue& queue() const { return *queue_; }
  const GroupRow& group() const { return group_; }
  // Of the last turn; empty after a start, a reset and new settings.
  const Outlook& outlook() const { return outlook_; }
  std::vector<QueueRow> stored_rows() const;
  // The dead letters that are on disk: their rows, and what they read.
  const std::map<Offset, std::string>& dead_rows() const { return dead_rows_; }
  std::map<Offset, DeadLetterFacts> dead_letters() const;

 private:
  Admission read(std::size_t read_max, std::size_t room) const;
  BuryEvent bury(const Burial& burial) const;
  ReleaseHeld release(const HeldRange& range, std::size_t read_max) const;

  GroupRow group_;
  std::vector<LogEvent> log_;
  QueueTime now_;
  std::unique_ptr<Queue> queue_;
  Outlook outlook_;

  // The disk. A dead letter's row is the place of its facts in `facts_`.
  GroupRow stored_group_;
  std::map<std::uint32_t, std::string> rows_;
  std::map<Offset, std::string> dead_rows_;
  mutable std::vector<DeadLetterFacts> facts_;
};

}  // namespace daybook::test
