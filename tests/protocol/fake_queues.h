// Queues in memory behind the queue port, for tests of handlers and sessions: leases and their
// attempts, without order, back-off or clocks. They are the groups of FakeGroups in queue mode, and
// replays that a test adds. One thread.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>

#include "protocol/backend.h"

namespace daybook::testing {

class FakeLog;
class FakeGroups;

class FakeQueues final : public QueuePort {
 public:
  FakeQueues(FakeLog& log, const FakeGroups& groups) : log_(log), groups_(groups) {}

  // Delivers everything up to the head again: to the members of a group, or to who joins it.
  void add_replay(const std::string& id, std::string group = {});
  // The member's leases end, as if their time were over.
  void expire(const std::string& member);
  // Whoever waits looks again: after a test has changed a group.
  void look_again();
  // Answers of `take` wait until they are released: what a slow disk looks like.
  void hold_takes(bool held);
  // What the next call of `next` or `take` answers instead of its own result.
  void fail_next(Error error) { failure_ = std::move(error); }

  std::vector<Offset> leased_to(const std::string& member) const;
  bool is_finished(const std::string& queue, Offset offset) const;
  const std::vector<QueueStep>& steps() const { return steps_; }      // that were taken
  const std::vector<std::uint32_t>& asked() const { return asked_; }  // `max` of each `next`
  const std::vector<std::string>& left() const { return left_; }      // members that said goodbye,
  const std::vector<std::string>& lost() const { return lost_; }      // and those that did not
  std::size_t seats() const { return seats_; }                        // members that are connected

  Awaitable<Result<Leased>> fetch(Fetch fetch) override;
  Awaitable<Result<std::unique_ptr<QueueMember>>> join(std::string queue,
                                                       std::string member) override;
  Awaitable<Result<std::vector<Offset>>> take(std::string queue, QueueStep step) override;

 private:
  class Seat;
  struct Event {
    Attempt attempt = 0;
    std::string member;  // empty: not leased
    bool finished = false;
  };
  struct Replay {
    std::string group;
    Offset upto;
  };
  using Moment = std::chrono::steady_clock::time_point;

  std::optional<Error> refusal(const std::string& queue) const;
  Result<Leased> lease(const std::string& queue, const std::string& member, std::uint32_t max);
  void lease_from(const std::string& queue, const std::string& member, std::uint32_t max,
                  Leased& leased);
  // Null where the member does not have the lease.
  Event* find(const std::string& queue, const std::string& member, const LeaseName& name);
  Awaitable<void> changed(Moment until);
  std::optional<Error> take_failure() { return std::exchange(failure_, std::nullopt); }

  FakeLog& log_;
  const FakeGroups& groups_;
  std::map<std::string, std::map<Offset, Event>> events_;  // by queue
  std::map<std::string, Replay> replays_;                  // by queue
  std::vector<std::weak_ptr<boost::asio::steady_timer>> waiting_;
  std::optional<Error> failure_;
  bool takes_held_ = false;
  std::vector<QueueStep> steps_;
  std::vector<std::uint32_t> asked_;
  std::vector<std::string> left_;
  std::vector<std::string> lost_;
  std::size_t seats_ = 0;
};

}  // namespace daybook::testing
