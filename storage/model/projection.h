// A projection as it is shown: what a follower makes of the log elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/ids.h"
#include "storage/base/time.h"
#include "storage/model/follower.h"

namespace daybook {

enum class ProjectionKind : std::uint8_t {
  postgres,    // every event, in SQL
  read_model,  // a table that the user declared
  redis,       // messages of every event
};

std::string_view name(ProjectionKind kind);

struct ProjectionInfo {
  FollowerState follower;  // with the projection's name
  ProjectionKind kind = ProjectionKind::postgres;
  std::string target;  // where to, without a password
  Offset head;
  double lag_seconds = 0;              // age of the oldest event that is not posted; 0 without lag
  std::uint64_t failed_events = 0;     // that the other side cannot hold
  std::uint32_t generation = 0;        // of the tables that users see; 0: not known, or none
  std::optional<FollowerState> build;  // of the next generation, while it is built
  std::string definition;              // JSON text; of a read model
};

// An event that could not be posted.
struct ProjectionFailure {
  Offset offset;
  std::string id;
  std::string reason;
  std::string original;  // JSON text of the event
  Timestamp failed_at;
};

struct ProjectionFailures {
  std::vector<ProjectionFailure> failures;  // ascending
  std::optional<Offset> next;
};

struct ProjectionRetried {
  std::uint64_t posted = 0;
  std::uint64_t failed = 0;  // again
};

}  // namespace daybook
