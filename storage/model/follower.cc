#include "storage/model/follower.h"

namespace daybook {

std::string_view name(FollowerPhase phase) {
  switch (phase) {
    case FollowerPhase::connecting: return "connecting";
    case FollowerPhase::following: return "following";
    case FollowerPhase::paused: return "paused";
    case FollowerPhase::standby: return "standby";
    case FollowerPhase::failing: return "failing";
    case FollowerPhase::finished: return "finished";
    case FollowerPhase::stopped: return "stopped";
  }
  return "stopped";
}

}  // namespace daybook
