// What one subscription does next. Decides; never reads, sends, waits, or looks at a clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <variant>

#include "protocol/ws/wake.h"
#include "storage/base/ids.h"

namespace daybook::ws {

// The actions. Whoever carries one out tells the core what came of it, then asks for the next.

struct ReadPage {  // then `page_read`, `trimmed` or `read_failed`
  Offset after;
  std::uint32_t limit = 0;
  friend bool operator==(const ReadPage&, const ReadPage&) = default;
};
struct Peek {  // Without credits: look for one match, deliver nothing. Then `peeked` or as above.
  Offset after;
  friend bool operator==(const Peek&, const Peek&) = default;
};
struct SendEvents {  // the next frame of the page that was read; then `events_sent`
  friend bool operator==(const SendEvents&, const SendEvents&) = default;
};
struct SendCheckpoint {
  Offset offset;
  friend bool operator==(const SendCheckpoint&, const SendCheckpoint&) = default;
};
struct SendCaughtUp {
  Offset offset;
  friend bool operator==(const SendCaughtUp&, const SendCaughtUp&) = default;
};
struct SendFellBehind {
  Offset offset;
  friend bool operator==(const SendFellBehind&, const SendFellBehind&) = default;
};
struct SendTrimmed {  // both inclusive
  Offset from;
  Offset to;
  friend bool operator==(const SendTrimmed&, const SendTrimmed&) = default;
};
struct SendRevoked {
  std::uint64_t generation = 0;
  friend bool operator==(const SendRevoked&, const SendRevoked&) = default;
};
struct SendSubscribed {  // a member became active, or its group was reset or has another filter
  Offset after;
  std::uint64_t generation = 0;
  friend bool operator==(const SendSubscribed&, const SendSubscribed&) = default;
};
struct Join {  // take or keep the group; then `joined`, `stood_by` or `join_failed`
  friend bool operator==(const Join&, const Join&) = default;
};
struct Wait {
  Moment until;              // or until anything else was told to the core
  bool for_commits = false;  // or until something is committed that may match
  friend bool operator==(const Wait&, const Wait&) = default;
};
struct Stop {
  friend bool operator==(const Stop&, const Stop&) = default;
};
using Action =
    std::variant<ReadPage, Peek, SendEvents, SendCheckpoint, SendCaughtUp, SendFellBehind,
                 SendTrimmed, SendRevoked, SendSubscribed, Join, Wait, Stop>;

class SubscriberCore {
 public:
  static constexpr std::uint32_t page_events_max = 1000;
  // Live, and this long or this far away from the head: it fell behind.
  static constexpr std::chrono::seconds behind_time_max{1};
  static constexpr std::uint64_t behind_events_max = 10'000;
  // Live reads follow each other no faster than this, so that many small commits cost one read.
  // The first commit after a quiet time is delivered at once.
  static constexpr std::chrono::microseconds pause_between_reads{500};
  static constexpr std::chrono::milliseconds standby_interval_max{500};
  static constexpr std::chrono::seconds retry_interval{1};

  struct Start {
    Offset after;
    std::uint64_t credits = 0;
    Moment now;
  };
  explicit SubscriberCore(Start start);

  // A member of a group. Without a generation it stands by until it has joined.
  struct Membership {
    std::optional<std::uint64_t> generation;
    std::chrono::milliseconds timeout{};
  };
  SubscriberCore(Start start, Membership membership);

  struct Outside {
    Offset head;  // committed, as far as it may match
    Moment now;
    bool room = true;  // the connection can take frames; without room a member still joins
  };
  // Each announcement is handed out once.
  Action next(const Outside& outside);

  // Nothing that matches lies above the position up to here.
  void pass_over(Offset quiet);

  void credit(std::uint64_t events);
  struct PageRead {
    std::uint64_t events = 0;
    Offset examined;   // the filter was applied up to here
    Offset head;       // when it was read
    bool end = false;  // nothing more up to that head
  };
  void page_read(const PageRead& page, Moment now);
  void events_sent(std::uint64_t events, Offset last);
  // `match`: the first event that waits for credits, if one was found.
  void peeked(std::optional<Offset> match, const PageRead& page, Moment now);
  void trimmed(Offset first_kept);
  void read_failed(Moment now);  // for a while: asked again later

  struct Joined {
    std::uint64_t generation = 0;
    Offset committed;
    std::chrono::milliseconds timeout{};
    bool new_filter = false;  // it holds for everything above `committed`
  };
  void joined(const Joined& joined, Moment now);
  void stood_by(Moment now);
  void join_failed(Moment now);  // for a while

  void close() { closed_ = true; }
  bool closed() const { return closed_; }
  // Events of the page at hand that were not sent yet; 0: drop the page.
  std::uint64_t unsent() const { return unsent_; }
  std::uint64_t credits() const { return credits_; }
  // While it is the active member of its group.
  std::optional<std::uint64_t> generation() const { return generation_; }
  // Everything that matches up to here was sent.
  Offset position() const { return position_; }

 private:
  bool active() const { return !is_member_ || generation_; }
  std::optional<Action> announcement();
  std::optional<Action> checkpoint_due(Moment now);
  Action reading(const Outside& outside);
  Moment next_read_at() const;
  Wait wait_for_join() const;
  Wait wait_until(Moment moment, bool for_commits) const;
  void note_lag(const Outside& outside);
  void read_at(Moment now, bool was_end);
  void page_finished();
  void reached_end();
  void fell_behind();
  void begin_at(Offset after);

  Offset position_;
  std::uint64_t credits_ = 0;
  bool closed_ = false;

  // The page at hand.
  PageRead page_;
  std::uint64_t unsent_ = 0;
  std::uint64_t page_filtered_ = 0;
  bool match_waits_ = false;  // found without credits

  // Live or catching up.
  bool live_ = false;
  bool caught_up_untold_ = false;
  bool fell_behind_untold_ = false;
  std::optional<Moment> behind_since_;  // only while live
  Moment last_read_at_;
  bool last_read_was_end_ = false;
  std::optional<Moment> retry_at_;

  std::uint64_t filtered_ = 0;  // since the last checkpoint
  Moment checkpoint_at_;        // the last one
  std::optional<SendTrimmed> trimmed_untold_;

  // Of a group.
  bool is_member_ = false;
  std::chrono::milliseconds member_timeout_{};
  std::optional<std::uint64_t> generation_;  // while active
  Offset committed_;
  Moment join_at_;
  std::optional<std::uint64_t> revoked_untold_;
  bool subscribed_untold_ = false;
};

}  // namespace daybook::ws
