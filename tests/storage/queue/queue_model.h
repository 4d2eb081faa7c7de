// What a queue has to do, told plainly: maps of events, looked through from end to end. It follows
// a queue turn by turn and finds what the queue did wrong. A value: a copy is what a crash
// goes back to.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/queue/queue.h"

namespace daybook::test {

// The last of an event. Dead letters may still be retried; what was passed was set aside, and not
// wanted any more when its aggregate was released.
enum class Fate { acked, skipped, dead, passed };

class QueueModel {
 public:
  QueueModel(const GroupRow& group, Offset start);

  // An operator's doing, at the same time as the queue's.
  void configure(const GroupRow& group);
  void reset(Offset to);
  // A turn with all that came of it; `before` is the demand it was given, `after` what was left.
  void follow(const QueueTurn& turn, QueueTime now, const std::vector<Demand>& before,
              const std::vector<Demand>& after, const TurnResult& result);
  // An ack that comes with an append.
  void follow(const AckLeases& ack, bool agreed, QueueTime now);
  // The queue's rows were written; `letters` are the dead letters on disk.
  void committed(const QueueView& view, const std::map<Offset, std::string>& letters);
  // The queue was read again from its rows.
  void restarted(const QueueView& view, QueueTime now);

  // What was wrong, "" if nothing.
  const std::string& problem() const { return problem_; }

  Offset examined() const { return examined_; }
  // Whether the event was acked, skipped or died, or need not: a reset or an older filter passed
  // it.
  bool is_finished(Offset offset) const { return offset <= floor_ || fates_.contains(offset); }
  // Events that were taken in and not finished since.
  const std::set<Offset>& owed() const { return owed_; }

 private:
  enum class Is { waiting, leased, exhausted };
  struct Entry {
    LaneKey lane = 0;
    Is is = Is::waiting;
    bool again = false;     // the committed offset does not wait for it
    bool was_dead = false;  // a retried dead letter
    bool inherited = false;
    Attempt attempts = 0;
    std::uint64_t turn = 0;  // leased: of two leases of one moment, which is older
    std::uint32_t failed = 0;
    std::vector<FailedAttempt> failures;
    std::string member;
    Moment since;
    Moment due = Moment::min();
    Timestamp due_wall;
  };
  using Entries = std::map<Offset, Entry>;
  struct Held {
    Offset dead;
    bool releasing = false;
    Offset last;         // ever set aside here
    Offset released_to;  // from here on they are released
    std::set<Offset> events;
  };
  struct Breaker {
    bool closed = true;
    std::deque<std::pair<Moment, bool>> window;
    std::size_t step = 0;
    int good = 0;
    Moment probe_at;
    std::pair<Offset, Attempt> probe;  // 0: none
    BreakerState state() const;
  };

  void wrong(const std::string& what);
  template <class A, class B>
  void equal(const A& expected, const B& actual, const char* what) {
    if (!(expected == actual))
      wrong(std::string(what) + ": " + text(actual) + " instead of " + text(expected));
  }
  static std::string text(std::uint64_t number) { return std::to_string(number); }
  static std::string text(Offset offset) { return std::to_string(offset.value); }
  static std::string text(const std::vector<Offset>& offsets);
  static std::string text(std::string_view name) { return std::string(name); }

  const QueueSettings& settings() const { return group_.settings.queue; }

  void expire();
  void admit(const Admission& admission);
  std::vector<Offset> step(const AckLeases& ack);
  std::vector<Offset> step(const NackLeases& nack);
  std::vector<Offset> step(const ExtendLeases& extend);
  std::vector<Offset> step(const ReleaseLeases& back);
  std::vector<Offset> step(const EndMember& end);
  std::vector<Offset> step(const BuryEvent& bury);
  std::vector<Offset> step(const RetryDeadLetters& retry);
  std::vector<Offset> step(const DiscardDeadLetters& discard);
  std::vector<Offset> step(const LookAtDeadLetters&) { return {}; }
  std::vector<Offset> step(const ReleaseHeld& release);
  void deliver(const Delivery& delivery, const std::string& member);
  void check(const Outlook& outlook, bool wanted, bool delivered);
  void check_idle(Idle idle, bool wanted, bool delivered, bool is_ready);
  void check_due(const Outlook& outlook, bool is_ready);
  void check_burials(const Outlook& outlook);
  void check_releases(const Outlook& outlook);

  using Lease = std::pair<Offset, Attempt>;
  Entries::iterator leased(const std::string& member, const LeaseName& name);
  // Open leases, the oldest first; of one member, or of all.
  std::vector<Entries::iterator> leases(const std::string* member = nullptr);
  void finish(Entries::iterator entry, Fate fate);
  void fail(Entries::iterator entry, FailureKind kind, const std::string& reason,
            std::optional<std::chrono::milliseconds> delay);
  void release(Entries::iterator entry);
  void settle(Offset dead);
  bool set_aside(Candidate event);
  void set_lane_aside(Offset dead, LaneKey lane);
  void tell_breaker(Lease lease, bool good);
  void withdraw(Lease lease);
  bool breaker_allows() const;
  bool may_deliver() const;
  // What could be delivered, were there credits and no limit.
  std::set<Offset> deliverable() const;
  std::size_t in_flight() const;
  std::size_t held() const;
  Offset committed_offset() const;
  std::chrono::milliseconds back_off(std::size_t failed) const;

  GroupRow group_;
  QueueTime now_;
  Offset examined_;
  Offset floor_;
  Offset highest_;  // ever delivered since a reset: nothing up to here is read again
  Entries entries_;
  std::map<LaneKey, Held> held_;
  // What is set aside is counted, not listed. The count is not exact once there was another filter,
  // or a reset to before dead letters.
  bool is_held_exact_ = true;
  std::set<Offset> dead_;
  std::set<Offset> buried_;  // in this commit
  std::map<Offset, Fate> fates_;
  std::set<Offset> owed_;
  std::map<Offset, Attempt> attempts_;  // the last one ever given
  bool attempts_jump_ = false;          // after a reset a first attempt may be any that is higher
  std::uint64_t turns_ = 0;
  Breaker breaker_;
  std::array<std::uint32_t, 3> failed_{};  // in this turn
  std::uint64_t acked_ = 0;
  std::uint64_t skipped_ = 0;
  Offset committed_;        // as of the last commit
  bool goes_back_ = false;  // a reset since then
  std::string problem_;
};

}  // namespace daybook::test
