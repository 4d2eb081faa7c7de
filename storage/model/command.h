// What a client asks to change. A command is decided by `LogWriter`, alone and in order; whoever
// makes it stamps time and randomness, so that deciding is deterministic.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/base/ids.h"
#include "storage/base/time.h"
#include "storage/model/event.h"
#include "storage/model/filter.h"
#include "storage/model/group.h"
#include "storage/model/queue.h"

namespace daybook {

// What a client expects of an aggregate before its append.
struct Expected {
  enum class Kind : std::uint8_t { any, none, exists, exact };
  Kind kind = Kind::any;
  Sequence sequence;  // exact: 0 means that the aggregate must not exist

  bool holds_at(Sequence actual) const;
  std::string to_json() const;  // 7, "exists", "none" or "any"
  friend bool operator==(const Expected&, const Expected&) = default;
};

// One event as it is written. Views point into `Append::text` (or at constants).
struct Draft {
  std::string_view event_type;
  std::string_view aggregate_type;
  std::string_view aggregate_id;
  std::string_view id;                    // empty: the server makes one
  std::string_view schema_version = "1";  // JSON text: 1 or "2.0"
  std::string_view correlation_id;        // empty: none
  std::string_view causation_id;          // empty: none
  std::string_view payload = "{}";        // JSON text, validated and minified
  std::string_view metadata = "{}";       // JSON text of an object
  std::optional<Timestamp> occurred_at;   // nullopt: when it is recorded
  Expected expected;                      // only on an aggregate's first event of the append
  TagViews tags;                          // without repeats, in the order sent
  Digest digest;                          // set by `seal()`
  std::uint64_t randomness = 0;           // of a server-made id

  std::size_t bytes() const;  // what it weighs in queues and groups
};

// The digest of what a client sent of one event, `expected` aside.
Digest content_digest(const Draft& draft);

struct AggregateCheck {
  std::string aggregate_type;
  std::string aggregate_id;
  Sequence sequence;  // it must be at exactly this one; 0: it must not exist
};

struct MatchCheck {
  Filter fail_if_match;  // no event after `after` may match
  Offset after;
};

using Condition = std::variant<AggregateCheck, MatchCheck>;

// Moves a group's committed offset. Without a generation it is an operator's.
struct CommitOffset {
  std::string group;
  Offset offset;
  std::optional<std::uint64_t> generation;
};

// Finishes deliveries of a queue group with an append: all of them, or the append is refused.
struct AckWithAppend {
  std::string group;      // or the `replay_name` of a replay
  std::string replay_of;  // of a replay: the group that was named with it; empty: none
  AckLeases leases;
};

// `Idempotency-Key`: makes a whole request repeatable.
struct RequestKey {
  std::string key;
  Digest body;  // of the request's body
};

// Bytes that drafts point into. Filled while decoding: what is copied in never moves.
class Text {
 public:
  Text() = default;
  explicit Text(std::size_t capacity) : bytes_(new char[capacity]), capacity_(capacity) {}

  // Room for at least `n` more bytes at `end()`; a decoder writes there and then calls `keep`.
  char* end() { return bytes_.get() + used_; }
  std::size_t room() const { return capacity_ - used_; }
  std::string_view keep(std::size_t n) {
    const std::string_view kept(bytes_.get() + used_, n);
    used_ += n;
    return kept;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
};

// An atomic batch of events with its checks.
struct Append {
  Text text;
  std::string id_space;   // "" natively
  std::string principal;  // "" until there is authentication
  std::vector<Draft> events;
  std::vector<Condition> conditions;
  std::optional<CommitOffset> commit;
  std::optional<AckWithAppend> ack;
  std::optional<RequestKey> request_key;
  Timestamp stamped_at;
  Moment stamped_moment;  // of the same time; used where there is an `ack`

  std::size_t bytes() const;
  // Stamps the time, gives every draft its randomness and digest. Called once, after decoding.
  void seal(Timestamp now, std::uint64_t randomness);
};

struct PutGroup {
  std::string group;
  GroupSettings settings;
  std::optional<std::uint64_t> if_revision;  // nullopt: create, or change nothing
  bool if_any_revision = false;              // If-Match: *
};

struct DeleteGroup {
  std::string group;
};

// The only thing that moves a committed offset back; logged.
struct ResetGroup {
  std::string group;
  GroupStart to;
};

// Makes `member` the active one and raises the generation; no change where it is active already.
struct TakeGroup {
  std::string group;
  std::string member;
};

// Stops or resumes the deliveries of a queue group or replay. Open leases go on.
struct PauseGroup {
  std::string group;
  bool paused = true;
};

// Begins a replay: `settings` are those of the group it is delivered to. The range ends at the head
// where `to` lies beyond it or is absent; where a `from` or `to` is a time, it is that of
// recording.
struct CreateReplay {
  std::string id;
  GroupSettings settings;  // mode queue; filter: the replay's; start: where it begins
  std::string group;       // empty: whoever subscribes to it
  std::variant<FromHead, Offset, Timestamp> upto;
  Timestamp created_at;
};

// Ends a replay early; its leases end, its results stay until it is deleted.
struct CancelReplay {
  std::string id;
};

using Command = std::variant<Append, PutGroup, DeleteGroup, CommitOffset, ResetGroup, TakeGroup,
                             PauseGroup, CreateReplay, CancelReplay, TurnQueues>;

std::size_t bytes(const Command& command);

// What an append answers: where its events went.
struct ReceiptEvent {
  std::string id;
  Offset offset;
  Sequence sequence;
  Timestamp recorded_at;
};

struct Receipt {
  Offset first_offset;
  Offset last_offset;
  bool replayed = false;
  std::vector<ReceiptEvent> events;
};

}  // namespace daybook
