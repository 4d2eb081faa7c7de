#include "daemon/followers/tell_change.h"

#include "daemon/log/log.h"

namespace daybook {

void tell_change(const FollowerState& state) {
  const std::string line = "follower_" + std::string(name(state.phase));
  const std::uint64_t checkpoint = state.checkpoint.value_or(Offset{0}).value;
  const bool ended_badly = state.phase == FollowerPhase::stopped && !state.trouble.empty();
  if (state.phase == FollowerPhase::failing || ended_badly)
    log::warning(line, {{"follower", state.name}, {"reason", state.trouble}});
  else if (state.phase == FollowerPhase::standby)
    log::info(line, {{"follower", state.name}, {"reason", state.trouble}});
  else
    log::info(line, {{"follower", state.name}, {"checkpoint", checkpoint}});
}

void tell_following(const FollowerState& state, std::uint64_t late) {
  const std::uint64_t checkpoint = state.checkpoint.value_or(Offset{0}).value;
  log::info("follower_following",
            {{"follower", state.name}, {"checkpoint", checkpoint}, {"late", late}});
}

}  // namespace daybook
