// The log lines of followers: one for each change, with the reason.
#pragma once

#include <cstdint>

#include "storage/model/follower.h"

namespace daybook {

// `state` has just taken this phase; see `tell_following` for that one.
void tell_change(const FollowerState& state);

// It follows, for the first time or again. `late`: events that were or will be posted later than
// they would have been had it followed all the time.
void tell_following(const FollowerState& state, std::uint64_t late);

}  // namespace daybook
