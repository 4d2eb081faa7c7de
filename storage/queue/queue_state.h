// The insides of a queue, in four files: steps.cc (what members and operators ask), delivery.cc
// (what comes in, goes out and falls due), writes.cc (rows), queue.cc (the rest).
#pragma once

#include <deque>
#include <map>
#include <set>

#include "storage/queue/breaker.h"
#include "storage/queue/dead_letter_moves.h"
#include "storage/queue/entries.h"
#include "storage/queue/journal.h"
#include "storage/queue/members.h"
#include "storage/queue/queue.h"
#include "storage/queue/set_aside.h"

namespace daybook {

struct Queue::State {
  State(const GroupRow& group, QueueTime at);

  const QueueSettings& settings() const { return group.settings.queue; }
  // Commands are stamped by several threads: one may come after another that was stamped later.
  void advance(QueueTime to) {
    if (to.steady > now.steady) now = to;
  }
  std::size_t in_flight() const { return in_flight_count; }
  std::size_t room() const;
  bool is_stopped() const { return group.paused || (group.replay && group.replay->cancelled); }

  // steps.cc
  StepResult apply(const QueueStep& step);
  StepResult apply(const AckLeases& ack);
  StepResult apply(const NackLeases& nack);
  StepResult apply(const ExtendLeases& extend);
  StepResult apply(const ReleaseLeases& back);
  StepResult apply(const EndMember& end);
  StepResult apply(const BuryEvent& bury);
  StepResult apply(const RetryDeadLetters& retry);
  StepResult apply(const DiscardDeadLetters& discard);
  StepResult apply(const LookAtDeadLetters& look);
  StepResult apply(const ReleaseHeld& release);
  queue::QueueEntry* leased(const std::string& member, const LeaseName& name);
  template <class Act>
  StepResult each_leased(const std::string& member, const std::vector<LeaseName>& names, Act act);
  void succeed(queue::QueueEntry& entry);
  void set_lane_aside(const queue::QueueEntry& dead, const BuryEvent& bury);

  // delivery.cc
  void admit(const Admission& admission);
  void expire();
  void deliver(std::vector<Demand>& demand, TurnResult& result);
  Outlook look(const std::vector<Demand>& demand, const TurnResult& result);
  bool may_deliver() const;  // but for credits
  Idle why_idle(bool wanted, const TurnResult& result) const;
  void ask_for_burials(Outlook& out);
  void ask_for_releases(Outlook& out) const;
  std::optional<Moment> next_due() const;
  void keep_checkpoint(Outlook& out);
  queue::QueueEntry* next_ready();
  void lease(queue::QueueEntry& entry, queue::Member& member);
  void end_lease(queue::QueueEntry& entry);
  void fail(queue::QueueEntry& entry, FailureKind kind, std::string reason,
            std::optional<std::chrono::milliseconds> delay);
  void release(queue::QueueEntry& entry);  // its lease ends, and that is no failure
  void wait_until(queue::QueueEntry& entry, Moment due);
  void exhaust(queue::QueueEntry& entry);
  void offer(queue::QueueEntry& entry);  // into the line, where it can be delivered now
  void finish(queue::QueueEntry& entry);
  void stand_nowhere(queue::QueueEntry& entry);
  void drop(queue::QueueEntry& entry);
  // Leases end, and all above `from` is read again. What was taken back into the queue stays up to
  // `kept`; all else is forgotten.
  void begin_at(Offset from, Offset kept);

  // writes.cc
  Offset could_be_delivered_to() const;
  Offset committed() const;  // as soon as there is a row
  void take_over(const queue::Row& row);
  void take_over(const queue::EntryRow& row, const std::vector<std::string>& names);
  queue::Row header() const;
  queue::Row snapshot();
  queue::Row changes(Offset before);
  void see();
  void touch(const queue::QueueEntry& entry) { touched.push_back(entry.offset); }

  GroupRow group;
  QueueTime now;
  Offset examined;
  Offset delivered_to;   // as of the last row
  Offset highest_lease;  // of those that were read: a restart must not read them again
  Attempt attempt_max = 0;
  Attempt attempt_base = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t acked = 0;
  std::uint64_t skipped = 0;

  queue::Entries entries;
  std::deque<queue::QueueEntry*> line;  // deliverable, but for what came after
  std::multimap<Moment, queue::QueueEntry*> backing_off;
  queue::LeaseList leases;  // by `since`
  std::size_t in_flight_count = 0;
  std::set<Offset> exhausted;
  queue::SetAside set_aside;
  queue::Members members;
  queue::Breaker breaker;
  std::array<std::uint32_t, 3> failed{};  // of this turn

  queue::Journal journal;
  bool dirty = true;
  std::vector<Offset> touched;  // since the last row
  std::map<Offset, std::string> buried;
  std::set<Offset> settled;
  queue::DeadLetterMoves moves;
  Moment written_at;
  QueueView view;
};

}  // namespace daybook
