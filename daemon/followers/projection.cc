#include "daemon/followers/projection.h"

namespace daybook {

ProjectionInfo Projection::info() const {
  ProjectionInfo info;
  info.follower = live_->state().value_or(FollowerState{.name = name_});
  return info;
}

}  // namespace daybook
