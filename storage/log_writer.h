// Decides commands in order and puts what it accepted on disk, one fsync per commit. A commit goes
// through `begin`, `decide`, `seal`, `sync` and `finish`; the next one may be begun and decided
// while one is synced. Never reads the disk.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "storage/book/book.h"
#include "storage/decide.h"
#include "storage/evidence.h"
#include "storage/groups.h"
#include "storage/index/window.h"
#include "storage/model/command.h"

namespace daybook {

// What a command did.
struct Applied {
  // Of an append.
  std::vector<Placed> placed;    // by event; empty where it is a repeat
  std::optional<Repeat> repeat;  // the receipt is read from the log
  // Of a group command.
  GroupRow group;
  bool created = false;
  // Of `TurnQueues`: one for each turn. An error: there is no such queue.
  std::vector<Result<TurnResult>> turns;
};

// A command on its way through the writer.
struct Job {
  Command command;
  Evidence evidence;
  Result<Applied> result = Error{Errc::internal, "not applied yet"};
};

// A commit between its first decision and its answers.
struct PendingCommit {
  Commit rows;
  std::vector<Job*> jobs;  // not to be answered before `finish`
  std::vector<std::shared_ptr<const Block>> blocks;
  std::vector<GroupChange> groups;
  Offset head;  // of the log, once this is on disk
  Result<void> synced = {};
  std::chrono::nanoseconds sync_time{};  // 0 where nothing was written
};

// One thread, the writer, calls everything but `sync` and what is marked.
class LogWriter {
 public:
  // `last_recorded`: of the event at `head`, the last one of the log.
  LogWriter(Book& book, Window& window, Groups& groups, Offset head, Timestamp last_recorded);

  // After the commit before it was sealed.
  PendingCommit begin();
  // Gives the job its result, which holds once the commit is finished; later jobs see what this
  // one did. `evidence_stale`: gather again and send again.
  void decide(Job& job, PendingCommit& commit);
  // Nothing is decided into it from here on.
  void seal(PendingCommit& commit);
  // Waits for the disk. Any one thread at a time, for sealed commits in the order of `begin`, each
  // after the one before was finished.
  void sync(PendingCommit& commit);
  // Shows what was synced. After an I/O error every result is that error, now and from then on:
  // nobody knows what is on disk, and the process has to end.
  void finish(PendingCommit& commit);

  // Why nothing is accepted any more.
  const std::optional<Error>& failure() const { return failure_; }
  // Any thread: what is on disk.
  Offset written() const { return Offset{written_.load()}; }

 private:
  Result<Applied> change_group(const Job& job, Commit& rows);
  Result<Applied> change_replay(const Job& job, Commit& rows);
  Applied turn(const TurnQueues& turns);
  Result<Applied> append(const Append& append, const Evidence& evidence, PendingCommit& commit);
  void move_group(const CommitOffset& commit, Offset before, Commit& rows);
  void ack(const Append& append);
  Result<Applied> repeat(const Append& append, const Repeat& repeat, Commit& rows);
  std::vector<Placed> place(const Append& append, const Evidence& evidence);
  void remember(const Append& append, Offset first, Commit& rows);
  void close_block(PendingCommit& commit);

  Book& book_;
  Window& window_;
  Groups& groups_;
  Tail tail_;
  Timestamp last_recorded_;
  BlockBuilder builder_;
  std::optional<Error> failure_;
  std::atomic<std::uint64_t> written_;
};

}  // namespace daybook
