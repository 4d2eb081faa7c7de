// A group: a durable named subscription.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "storage/base/ids.h"
#include "storage/base/time.h"
#include "storage/model/filter.h"
#include "storage/model/queue.h"

namespace daybook {

// `log`: one active member reads in order and commits an offset. `queue`: each event is leased to
// one of many members, then acked, nacked or timed out.
enum class GroupMode : std::uint8_t { log = 1, queue = 2 };

// Of a queue: which events may not be delivered side by side.
enum class GroupOrder : std::uint8_t {
  aggregate = 1,  // those of one aggregate: n+1 waits until n is finished
  none = 2,       // any may
  single = 3,     // one at a time in the whole group
};

// Where a group begins, or is reset to.
struct FromBeginning {
  friend bool operator==(const FromBeginning&, const FromBeginning&) = default;
};
struct FromHead {
  friend bool operator==(const FromHead&, const FromHead&) = default;
};
using GroupStart = std::variant<FromBeginning, FromHead, Offset, Timestamp>;

// Where a queue's deliveries are POSTed to, for subscribers without a client.
struct PushTarget {
  std::string url;
  std::string secret;  // of the HMAC signature; empty: not signed. Never shown again
  std::uint32_t timeout_ms = 10'000;
  std::uint32_t parallel = 8;  // requests in flight
  friend bool operator==(const PushTarget&, const PushTarget&) = default;
};

// What only a queue has.
struct QueueSettings {
  GroupOrder order = GroupOrder::aggregate;  // fixed once created
  std::uint32_t ack_timeout_ms = 30'000;     // a lease ends so long after delivery or `extend`
  std::uint32_t max_deliveries = 5;          // failed ones; then the event is a dead letter
  std::vector<std::uint32_t> backoff_ms{1000, 5000, 30'000};  // by failure; the last one repeats
  std::uint32_t max_in_flight = 1000;                         // open leases of the group
  std::uint32_t max_unfinished = 100'000;  // events read and not finished, leases included
  bool block_aggregate = false;            // a dead letter sets its aggregate's later events aside
  std::uint32_t breaker_window = 100;      // finished deliveries that the failure rate is taken of
  double breaker_ratio = 0.5;              // from here on the group pauses itself; above 1: never
  std::optional<PushTarget> push;
  friend bool operator==(const QueueSettings&, const QueueSettings&) = default;
};

struct GroupSettings {
  GroupMode mode = GroupMode::log;     // fixed once created
  GroupStart start = FromBeginning{};  // fixed once created
  Filter filter;
  std::uint32_t member_timeout_ms = 30'000;  // at least 1000
  QueueSettings queue;                       // of a group in queue mode; else as it is by default
  friend bool operator==(const GroupSettings&, const GroupSettings&) = default;
};

// What makes a queue a replay: events of the past, delivered again beside the group's own.
struct ReplayRange {
  std::string group;  // whose members it is delivered to; empty: whoever subscribes to the replay
  Offset after;
  Offset upto;  // inclusive
  bool cancelled = false;
  Timestamp created_at;
  friend bool operator==(const ReplayRange&, const ReplayRange&) = default;
};

// What a replay is asked to deliver. Both ends are inclusive; a time is that of recording.
struct ReplayRequest {
  std::string group;  // empty: for whoever subscribes
  Filter filter;
  std::variant<FromBeginning, Offset, Timestamp> from;
  std::variant<FromHead, Offset, Timestamp> to;
};

// The durable row of a group. That of a replay is kept under `replay_name` of its id.
struct GroupRow {
  GroupSettings settings;
  Offset committed;  // everything up to here is finished. Of a queue: its rows tell, see QueueView
  std::uint64_t generation = 0;  // raised whenever another member takes over
  std::string active_member;     // of this generation; survives a restart. Log mode
  std::uint64_t revision = 1;    // of the settings: the ETag
  bool paused = false;           // nothing is delivered; queue mode
  std::optional<ReplayRange> replay;
};

// A group as it is shown.
struct GroupInfo {
  std::string name;
  GroupRow row;
  Offset head;
  double lag_seconds = 0;            // age of the oldest offset not committed; 0 without lag
  std::vector<std::string> members;  // log mode: the active one first, then those that stand by
  QueueView queue;                   // queue mode
  Idle idle = Idle::caught_up;       // queue mode: why nothing is delivered now
  std::optional<Idle> stalled;       // and since so long that an operator should know
};

// A replay as it is shown.
struct ReplayInfo {
  std::string id;
  GroupRow row;  // with `replay`
  QueueView queue;
  bool in_progress = false;
};

// No group of a client can have such a name: control characters are refused.
inline std::string replay_name(const std::string& id) {
  return '\x01' + id;
}
inline bool is_replay_name(std::string_view name) {
  return name.starts_with('\x01');
}
// A follower's checkpoint is the committed offset of a group in log mode, which nobody reads.
inline std::string follower_name(const std::string& follower) {
  return '\x02' + follower;
}
inline bool is_follower_name(std::string_view name) {
  return name.starts_with('\x02');
}

}  // namespace daybook
