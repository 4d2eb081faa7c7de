// Drives one queue group with the replays that go to its members, or one replay that goes to
// whoever subscribes: takes their turns one after another. What comes in while a turn is on its way
// to the disk goes into the next one, and that is all the batching there is.
//
// One io thread. Its coroutine ends when nobody is there and nothing has to be driven.
#pragma once

#include <list>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/delivery/attendance.h"
#include "daemon/delivery/calls.h"
#include "daemon/delivery/counts.h"
#include "daemon/delivery/line.h"
#include "daemon/delivery/pace.h"
#include "daemon/delivery/wake.h"
#include "daemon/threads/committer.h"
#include "daemon/threads/io_thread.h"
#include "daemon/threads/read_pool.h"
#include "storage/store.h"

namespace daybook {

// What every desk works with.
struct DeskTools {
  Store& store;
  Committer& committer;
  ReadPool& readers;
  DeliveryCounts& counts;
  std::chrono::seconds stall_after;
};

class Desk {
 public:
  // `replays` go to its members, by their `replay_name`. `pace` is that of its io thread.
  Desk(IoThread& io, const DeskTools& tools, Pace& pace, std::string name,
       std::shared_ptr<Attendance> attendance, const std::set<std::string>& replays);
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Its loop.
  Awaitable<void> run();

  void ask(Ask& ask, Suspension caller);
  void take(StepCall& call, Suspension caller);
  void arrive(const std::string& member) { attendance_->arrive(member); }
  void depart(const std::string& member);
  // One connection of the member says goodbye.
  void leave(const std::string& member);
  // The member holds nothing any more.
  void end_member(const std::string& member, bool lost);
  // Its asks are answered.
  void rouse(const std::string& member);
  // The queue's row has changed.
  void changed(const std::string& queue);
  // The queue has changed by more than its turns.
  void poke(const std::string& queue);
  // Once a second.
  void sweep(Moment now);
  void stop();

 private:
  struct Waiting {
    Ask* ask;
    Suspension caller;
    bool roused = false;
  };
  // A turn on its way: who is behind its demand and its steps.
  struct Turn {
    Job job;
    std::vector<Waiting*> demand;
    std::vector<Line*> lines;
    std::vector<std::vector<PendingStep>> steps;  // by line
  };

  const Line& own() const { return lines_.front(); }
  bool is_resting(Moment now) const { return !stopping_ && now < pace_stamp_.rests_until; }
  // Something came in. While it rests that gathers.
  void rouse_loop();
  Line* find_line(const std::string& queue);
  Line& open_line(const std::string& queue);
  void configure(Line& line);
  void listen(Line& line);
  QueueView view_of(const Line& line) const;
  bool is_done() const;
  std::size_t demand() const;
  std::optional<Error> refusal() const;

  // desk_turn.cc
  bool wants_turn(Moment now) const;
  Moment next_due(Moment now) const;
  Awaitable<void> take_turn();
  Turn begin_turn();
  void end_turn(Turn& turn);
  void fail_turn(Turn& turn, const Error& error);
  void end_line_turn(Turn& turn, std::size_t index, TurnResult result);
  void lose_line(Turn& turn, std::size_t index, const Error& error);
  void take_note(Line& line, const QueueTurn& turn);
  void answer(PendingStep& pending);
  void answer_held(Line& line);
  void answer_asks(Moment now);
  void drop_replays_over();
  void count(const Line& line, const TurnResult& result, const std::vector<PendingStep>& steps);
  void send_answers();

  // desk_errands.cc: what is read for a line, beside its turns.
  void start_errands(Moment now);
  void read_ahead(Line& line, Moment now);
  void took_page(Line& line, const Query& query, const Result<Page>& page);
  Awaitable<void> read(Line& line, Query query);
  Awaitable<void> bury(Line& line, std::vector<Burial> burials);
  Awaitable<void> release(Line& line, HeldRange range, std::uint32_t max);
  template <class Errand>
  void start(const char* name, Line& line, Errand errand);
  void end_errand(Line& line);

  // desk_watch.cc: what an operator is told.
  Idle idle(Moment now) const;
  void look_for_stall(Moment now);

  IoThread& io_;
  const DeskTools tools_;
  const std::string name_;
  const std::shared_ptr<Attendance> attendance_;  // shared with whoever looks at it
  std::list<Line> lines_;                         // its own queue first
  std::list<Waiting> waiting_;
  std::vector<Suspension> answers_;  // to be resumed
  std::uint64_t served_ = 0;         // turns of its lines that delivered something
  std::size_t errands_ = 0;          // under way
  bool asked_ = false;               // somebody new, since the last turn
  bool stopping_ = false;
  std::optional<Error> failure_;  // the disk's: nothing goes on
  Moment retry_at_;               // the commit queue was full
  Pace& pace_;
  Pace::Stamp pace_stamp_;
  bool rests_ = false;
  Wake wake_;

  // Of the stall detector.
  bool asked_since_sweep_ = false;
  std::optional<Moment> hungry_since_;
  std::optional<Idle> stalled_;
};

// A queue as logs and metrics name it.
std::string shown_name(const std::string& queue);

}  // namespace daybook
