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

namespace daybook {

// `log`: one active member reads in order and commits an offset. `queue` (leases, acks) is a later
// mode; the value is reserved on disk.
enum class GroupMode : std::uint8_t { log = 1, queue = 2 };

// Where a group begins, or is reset to.
struct FromBeginning {
  friend bool operator==(const FromBeginning&, const FromBeginning&) = default;
};
struct FromHead {
  friend bool operator==(const FromHead&, const FromHead&) = default;
};
using GroupStart = std::variant<FromBeginning, FromHead, Offset, Timestamp>;

struct GroupSettings {
  GroupMode mode = GroupMode::log;     // fixed once created
  GroupStart start = FromBeginning{};  // fixed once created
  Filter filter;
  std::uint32_t member_timeout_ms = 30'000;  // at least 1000
  friend bool operator==(const GroupSettings&, const GroupSettings&) = default;
};

// The durable row of a group.
struct GroupRow {
  GroupSettings settings;
  Offset committed;              // everything up to here is finished
  std::uint64_t generation = 0;  // raised whenever another member takes over
  std::string active_member;     // of this generation; survives a restart
  std::uint64_t revision = 1;    // of the settings: the ETag
};

// A group as it is shown.
struct GroupInfo {
  std::string name;
  GroupRow row;
  Offset head;
  double lag_seconds = 0;            // age of the oldest offset not committed; 0 without lag
  std::vector<std::string> members;  // the active one first, then those that stand by
};

}  // namespace daybook
