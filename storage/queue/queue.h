// A queue group: who has which event, for how long, for which time, and what happens when it fails.
// A pure state machine: events, what members do and the time come in; deliveries, timers and rows
// to be made durable come out. No clock, no disk, no sockets. One thread: the writer.
//
// What it keeps:
//  - with order aggregate at most one open lease per aggregate, and event n+1 of it only after n is
//    finished (acked, skipped, or a dead letter); with single that of the whole queue;
//  - (offset, attempt) names a lease; attempts of an event only grow, over restarts and resets too;
//  - `committed` is the highest offset below which all is finished; only `reset` moves it back;
//  - nothing that a turn returns is told to a member before the rows are on disk.
//
// Terms: Amazon SQS and Apache Kafka's share groups (KIP-932) have leases with attempts; the
// breaker is M. Nygard, "Release It!", 2007, ch. 5.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/result.h"
#include "storage/model/group.h"
#include "storage/model/queue.h"

namespace daybook {

// A row to be written under (group, slot): see storage/queue/journal.h.
struct QueueRow {
  std::uint32_t slot = 0;
  std::string bytes;
};

// What a commit has to write for a queue.
struct QueueWrites {
  std::optional<QueueRow> row;
  std::map<Offset, std::string> dead_letters;  // rows to put
  std::vector<Offset> settled;                 // dead letters whose rows are to be removed
};

class Queue {
 public:
  // A new one, from `start` on.
  Queue(const GroupRow& group, Offset start);
  // From the rows that were written, in any order; `now` is when the daemon started: leases of
  // before have their whole ack timeout from then on, and that they end is no failure. `corrupted`
  // where a row is damaged or missing.
  static Result<std::unique_ptr<Queue>> recover(const GroupRow& group,
                                                const std::vector<QueueRow>& rows, QueueTime now);
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // Settings or pause have changed. With another filter leases end, and `examined` is `committed`
  // again: what is above it is read anew, what is open below it stays.
  void configure(const GroupRow& group);
  // Everything up to `to` counts as finished, everything above as never delivered: leases end.
  // Dead letters stay what they are, or are again; later events of theirs above `to` wait behind
  // them.
  void reset(Offset to);

  // Expires what is due, takes what was read, does the steps in order, then delivers.
  TurnResult turn(const QueueTurn& turn, QueueTime now, std::vector<Demand>& demand);
  // For an append: what it would be refused for, and the same with effect once `check` agreed.
  // Neither looks whether leases are due.
  Result<void> check(const AckLeases& ack) const;
  void ack(const AckLeases& ack, QueueTime now);

  // Whether `take_writes` has anything to write.
  bool changed() const;
  // What has to be durable before anything that was returned is told. Once per commit.
  QueueWrites take_writes();
  // As of the last `take_writes`.
  const QueueView& view() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace daybook
