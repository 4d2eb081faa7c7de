// A follower as it is shown: something that reads the log from a checkpoint and writes elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/ids.h"
#include "storage/base/time.h"

namespace daybook {

enum class FollowerPhase : std::uint8_t {
  connecting,  // since the start or since a failure that was mended; nothing is wrong yet
  following,   // it posts, or has posted everything
  paused,      // by an operator
  standby,     // another daemon posts
  failing,     // tries again and again; `trouble` says why
  finished,    // has done what it was for
  stopped,
};

std::string_view name(FollowerPhase phase);

struct FollowerState {
  std::string name;
  FollowerPhase phase = FollowerPhase::connecting;
  // Everything up to here is posted, and will not be posted again but for the sink's own promise.
  // nullopt: not known before the first connection.
  std::optional<Offset> checkpoint;
  std::uint64_t events = 0;       // posted since the start
  std::uint64_t events_late = 0;  // of them, recorded before the connection was there
  std::uint64_t failures = 0;     // attempts that failed since the start
  std::string trouble;            // `failing`, `standby`: for a person; never has a password
  Timestamp since;                // of the phase
};

}  // namespace daybook
