// The words of queue mode: leases, what members do with them, and what a turn of a queue gives.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/base/ids.h"
#include "storage/base/time.h"

namespace daybook {

// When a turn is taken. Leases and back-off go by the steady clock, so that a step of the wall
// clock ends no lease; what survives a restart is written with the wall clock.
using Moment = std::chrono::steady_clock::time_point;
struct QueueTime {
  Moment steady;
  Timestamp wall;
};

// An attempt is the fencing token of a delivery: the first is 1 (higher after a reset), and each
// delivery of an event has a higher one than those before it.
using Attempt = std::uint32_t;

// Without an attempt: the lease on the offset that the member holds now.
struct LeaseName {
  Offset offset;
  std::optional<Attempt> attempt;
  friend bool operator==(const LeaseName&, const LeaseName&) = default;
};

// What events of one lane are told by: they are delivered one after another. A hash of the
// ordering key; two keys with one hash merely wait for each other.
using LaneKey = std::uint64_t;

// XXH3-64 of the ordering key of an aggregate's events.
LaneKey lane_of_aggregate(std::string_view aggregate_type, std::string_view aggregate_id);

struct Candidate {
  Offset offset;
  LaneKey lane = 0;  // any with order none or single
};

// Events that the filter lets through, read in offset order after the queue's `examined`.
struct Admission {
  // Nothing is admitted where the queue's are others by now: it was read for something else.
  std::uint64_t revision = 1;  // of the settings, whose filter was applied
  Offset after;                // the queue's `examined`
  Offset examined;             // the filter was applied up to here
  std::vector<Candidate> events;
};

// Why a delivery failed. The names are those of metrics and dead letters.
enum class FailureKind : std::uint8_t { nack = 1, timeout = 2, disconnected = 3 };

// A delivery that failed.
struct FailedAttempt {
  Attempt attempt = 0;
  FailureKind kind = FailureKind::nack;
  std::string member;
  std::string reason;  // the member's own words; at most limits::reason_bytes_max
  Timestamp at;
  friend bool operator==(const FailedAttempt&, const FailedAttempt&) = default;
};

// An event that a queue gave up on: everything but the event.
struct DeadLetterFacts {
  std::vector<FailedAttempt> failures;  // oldest first; the last limits::failures_kept
  Attempt attempts = 0;                 // deliveries that it had
  Timestamp died_at;                    // when it was given up on last
  std::uint32_t retried = 0;            // times that it was taken back into the queue
};

// The steps: what members and the dispatcher ask of a queue. Each names leases or offsets that may
// have changed meanwhile; what does not hold any more is refused and changes nothing.

struct AckLeases {
  std::string member;
  std::vector<LeaseName> leases;
};

enum class NackAction : std::uint8_t { retry, dead_letter, skip };

struct NackLeases {
  std::string member;
  std::vector<LeaseName> leases;
  NackAction action = NackAction::retry;
  std::optional<std::chrono::milliseconds> delay;  // instead of the group's back-off
  std::string reason;
};

struct ExtendLeases {  // Each has its whole ack timeout again.
  std::string member;
  std::vector<LeaseName> leases;
};

// Gives leases back that the member was never shown: they are delivered again at once, and that is
// no failure.
struct ReleaseLeases {
  std::string member;
  std::vector<LeaseName> leases;
};

// Ends the member's leases. Lost: they failed. Left: they are delivered again at once, and it is
// no failure.
struct EndMember {
  std::string member;
  bool lost = false;
};

// What a dead letter is kept as, for the events that `Outlook::to_bury` names: see
// storage/book/dead_letter.h.
struct BuryEvent {
  Offset offset;
  std::string row;
  bool replaces = false;  // there is a row of this offset already
  std::string aggregate_type;
  std::string aggregate_id;
};

// Counts what became of dead letters, so that nothing is decided on a row that has gone or changed
// since it was read. See `StepResult::moment`.
using DeadLetterMoment = std::uint64_t;
inline constexpr DeadLetterMoment kJustNow = ~DeadLetterMoment{0};

// Takes dead letters back into the queue, as far as there is room. Their rows stay until they are
// finished.
struct RetryDeadLetters {
  struct One {
    Candidate event;
    Attempt attempts = 0;  // the last one
  };
  std::vector<One> events;
  DeadLetterMoment seen_at = kJustNow;
};

struct DiscardDeadLetters {  // Whoever asks has just seen their rows.
  std::vector<Offset> offsets;
  DeadLetterMoment seen_at = kJustNow;
};

// Asks, and changes nothing.
struct LookAtDeadLetters {
  std::vector<Offset> offsets;
};

// Events set aside behind a dead letter that is settled, in offset order: see
// `Outlook::to_release`.
struct ReleaseHeld {
  LaneKey lane = 0;
  Offset after;  // as in `Outlook::to_release`, else nothing happens
  Offset examined;
  std::vector<Offset> events;
};

using QueueStep =
    std::variant<AckLeases, NackLeases, ExtendLeases, ReleaseLeases, EndMember, BuryEvent,
                 RetryDeadLetters, DiscardDeadLetters, LookAtDeadLetters, ReleaseHeld>;

// What one step did. Offsets refused: their lease has expired, or for dead letters: they are not
// there, are being retried or read again after a reset, wait behind another one of their aggregate,
// or there is no room.
struct StepResult {
  struct DeadLetterStanding {
    bool retrying = false;   // it is back in the queue, and not finished
    std::uint64_t held = 0;  // events set aside behind it
  };
  std::vector<Offset> refused;
  DeadLetterMoment moment = 0;                // of LookAtDeadLetters: rows read after it are as new
  std::vector<DeadLetterStanding> standings;  // of LookAtDeadLetters: one for each offset
};

// A member that could take events now. `count` falls with each delivery.
struct Demand {
  std::string member;
  std::uint32_t count = 0;
};

struct QueueTurn {
  std::string group;  // or the `replay_name` of a replay
  std::optional<Admission> admission;
  std::vector<QueueStep> steps;
};

// One commit's worth of work of queues that share members. Deliveries of earlier turns use up the
// demand of later ones.
struct TurnQueues {
  QueueTime now;
  std::vector<QueueTurn> turns;
  std::vector<Demand> demand;
};

struct Delivery {
  std::uint32_t demand = 0;  // its index in `TurnQueues::demand`
  Offset offset;
  Attempt attempt = 0;
};

enum class BreakerState : std::uint8_t { closed, open, probing };

// Why a queue delivers nothing now; the first one that holds. What operators and the stall detector
// are told.
enum class Idle : std::uint8_t {
  delivering,        // it does
  caught_up,         // everything was delivered and finished
  no_credits,        // no member could take an event
  paused,            // by an operator
  breaker,           // by its failures
  in_flight_limit,   // max_in_flight leases are open
  aggregates_busy,   // what is left waits for an open lease of its aggregate
  back_off,          // what is left waits after a failure
  unfinished_limit,  // max_unfinished: nothing more is read
  set_aside,         // what is left waits behind a dead letter
  index_behind,      // what it needs can not be read now
  bug,               // none of these
};
std::string_view name(Idle idle);
std::string_view name(FailureKind kind);
std::string_view name(BreakerState state);

// An aggregate whose dead letter was settled: its later events are to be read again, but for those
// that are dead letters themselves.
struct HeldRange {
  LaneKey lane = 0;
  std::string aggregate_type;
  std::string aggregate_id;
  Offset after;
  Offset upto;  // inclusive
};

// An event that is a dead letter as soon as somebody gives its copy: a `BuryEvent`.
struct Burial {
  Offset offset;
  // `failures` since it was read from the log, or since it was retried; `attempts` goes on.
  DeadLetterFacts facts;
};

// What whoever drives a queue has to know after a turn.
struct Outlook {
  Offset examined;                 // read on from here
  std::size_t room = 0;            // so many more events may be admitted
  std::size_t ready = 0;           // deliverable now, had somebody credits
  std::optional<Moment> next_due;  // take a turn then, whatever else happens
  bool behind = false;             // more could be delivered now than this turn did: take another
  std::vector<Burial> to_bury;     // bounded: what is left comes with the next turn
  std::vector<HeldRange> to_release;  // bounded likewise
  Idle idle = Idle::caught_up;        // without a look at the log beyond `examined`
  // The breaker's, where this turn changed it.
  std::optional<BreakerState> breaker_changed;
};

struct TurnResult {
  std::vector<StepResult> steps;  // one for each of the turn's
  std::vector<Delivery> deliveries;
  Outlook outlook;
  // Deliveries that failed in this turn, by kind (its value minus 1): what `reason` is in metrics.
  std::array<std::uint32_t, 3> failed{};
};

// A queue as readers see it: as of the last commit.
struct QueueView {
  Offset committed;  // everything up to here is finished, set aside or a dead letter
  Offset examined;
  std::uint64_t in_flight = 0;
  std::uint64_t unfinished = 0;  // leases included
  std::uint64_t set_aside = 0;   // events behind dead letters
  std::uint64_t dead_letters = 0;
  std::uint64_t acked = 0;    // ever, each event once
  std::uint64_t skipped = 0;  // ever, discarded dead letters included
  BreakerState breaker = BreakerState::closed;
  bool needs_driver = false;  // leases, burials or releases are open: take turns until they are not
};

}  // namespace daybook
