// One queue at a desk: what is known of it since its last turn, and what goes into the next one.
// Decides what to read; reads nothing itself. One io thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/delivery/calls.h"
#include "daemon/threads/suspend.h"
#include "storage/model/group.h"
#include "storage/model/interests.h"
#include "storage/model/query.h"

namespace daybook {

// A step of the next turn. Without a call: the desk's own.
struct PendingStep {
  QueueStep step;
  StepCall* call = nullptr;
  Suspension caller;
};

class Line {
 public:
  explicit Line(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  // nullopt: there is no such queue any more. What was read before is void.
  void configure(std::optional<GroupRow> row);
  const std::optional<GroupRow>& row() const { return row_; }

  // What the log has to be asked for, that `demand` events may be delivered; nullopt: nothing.
  std::optional<Query> next_read(std::size_t demand, Moment now) const;
  // What `next_read` asked for.
  void take_page(const Query& query, const Page& page);
  void read_failed(Moment now);
  bool is_readable(Moment now) const { return now >= unreadable_until_; }
  // Passes over what its interest says is nothing for it, now and then.
  void pass_over(Moment now);
  bool may_have_more() const;

  bool wants_turn(Moment now) const;
  // When something has to be done whatever comes; later than `now`.
  Moment next_due(Moment now) const;
  // The turn, and the steps in it, which now are the caller's.
  QueueTurn begin_turn(std::vector<PendingStep>& steps);
  void end_turn(Outlook outlook, Moment at);
  void poke() { poked_ = true; }
  // What a turn delivered tells nothing any more of what could be delivered now.
  void poke_if_delivered_before(Moment then);

  const std::optional<Outlook>& outlook() const { return outlook_; }
  // Whether it has to be driven although nobody asks; `view` as of the last turn.
  bool needs_driver(const QueueView& view) const;
  // It was deleted; or, of a replay: it was cancelled, or everything in its range is finished.
  bool is_over(const QueueView& view) const;

  std::vector<PendingStep> steps;      // of the next turn
  std::vector<PendingStep> held;       // done, and not answered before their burials
  std::unique_ptr<Interest> interest;  // of a group: what is appended
  std::uint64_t epoch = 0;             // raised by `configure`
  std::uint64_t served = 0;            // when it delivered last, as its desk counts
  std::size_t errands = 0;             // that read for it: it must stay
  bool reading = false;                // errands under way, their steps included
  bool burying = false;
  bool releasing = false;

 private:
  const std::string name_;
  std::optional<GroupRow> row_;
  Offset upto_ = kEndOfLog;
  std::optional<Outlook> outlook_;  // nullopt: the next turn tells
  Moment outlook_at_;
  Moment passed_over_at_;
  Moment unreadable_until_;  // after a read that failed
  std::optional<Admission> admission_;
  bool poked_ = false;
};

}  // namespace daybook
