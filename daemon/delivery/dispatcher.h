// Drives queue groups and replays: brings what members ask from any io thread to the desk of their
// queue, and back. Which io thread has a desk is told by a hash of its name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/delivery/counts.h"
#include "daemon/delivery/directory.h"
#include "daemon/delivery/hall.h"

namespace daybook {

class Dispatcher {
 public:
  // `stall_after`: see `groups.stall_seconds`.
  struct Parts {
    Store& store;
    Committer& committer;
    ReadPool& readers;
    IoThreads& threads;
    std::chrono::seconds stall_after;
  };
  explicit Dispatcher(const Parts& parts);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Opens desks for queues that have leases, and for replays that go on. Any thread, as `stop`.
  void start();
  // Answers those who wait with nothing; what was brought is finished, then desks close. Leases
  // stay as they are. The io threads, the committer and the readers must go on until that is done:
  // each desk is a task that `net::live_tasks` counts.
  void stop();

  // From coroutines on io threads; each resumes there. See protocol/backend.h.
  Awaitable<Result<Leased>> fetch(QueuePort::Fetch fetch);
  Awaitable<Result<std::unique_ptr<QueueMember>>> join(std::string queue, std::string member);
  Awaitable<Result<StepResult>> take(std::string queue, QueueStep step);

  // Any thread, these and all below. A queue's row was created, changed or removed.
  void changed(const std::string& queue);
  // An append has finished so many deliveries of the queue.
  void acked(const std::string& queue, std::size_t count);
  // False where no such member is there.
  bool heartbeat(const std::string& queue, const std::string& member);
  bool leave(const std::string& queue, const std::string& member);
  // nullopt: nobody is there, and nothing is open.
  std::optional<Attendance::Shown> find(const std::string& queue) const;
  const DeliveryCounts& counts() const { return counts_; }

 private:
  class Member;
  Result<std::string> desk_of(const std::string& queue) const;
  Result<std::string> desk_to_join(const std::string& queue) const;
  Hall& hall_of(const std::string& desk);
  Awaitable<Result<Leased>> next(std::string queue, Ask ask);
  Awaitable<Result<Leased>> read(std::string member, std::vector<Lot> lots);
  Awaitable<Result<Page>> read_events(std::vector<Offset> offsets);
  Awaitable<void> give_back(std::string member, Lot lot, Error why);
  Awaitable<void> release(std::string member, Lot lot);
  void track_replay(const std::string& queue);

  Store& store_;
  ReadPool& readers_;
  DeliveryCounts counts_;
  Directory directory_;
  std::vector<std::unique_ptr<Hall>> halls_;
  // Whoever holds a member may outlive this at an unclean stop: it looks here first.
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace daybook
