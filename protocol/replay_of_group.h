// A replay that a client names beside a group has to be delivered to that group.
#pragma once

#include <optional>
#include <string>

#include "protocol/backend.h"

namespace daybook {

// Why it is not; nullopt where it is, or where no replay is named.
inline std::optional<Error> wrong_replay(const Backend& backend, const std::string& group,
                                         const std::string& replay_id) {
  if (replay_id.empty()) return std::nullopt;
  const Result<ReplayInfo> replay = backend.replays.find(replay_id);
  if (!replay) return replay.error();
  if (replay->row.replay && replay->row.replay->group == group) return std::nullopt;
  return Error{Errc::not_found, "the replay is not one of the group \"" + group + "\"",
               "/replay_id"};
}

}  // namespace daybook
