#include "storage/members.h"

#include <algorithm>

namespace daybook {

using std::chrono::milliseconds;

bool Members::is_alive(const std::string& member, milliseconds timeout, Moment now) const {
  const auto found = seen_.find(member);
  return now - (found == seen_.end() ? began_ : found->second) < timeout;
}

bool Members::is_known(const std::string& member, const std::string& active, milliseconds timeout,
                       Moment now) const {
  const bool named = seen_.contains(member) || (member == active && member != departed_);
  return named && is_alive(member, timeout, now);
}

Members::Standing Members::join(const std::string& member, const std::string& active,
                                milliseconds timeout, Moment now) {
  seen_[member] = now;
  if (member == taking_) taking_.clear();  // It asks again: the take has failed or is done.
  if (member == active) {
    departed_.clear();
    return Standing::active;
  }
  if (!taking_.empty() && is_alive(taking_, timeout, now)) return Standing::standby;
  const bool led = !active.empty() && active != departed_ && is_alive(active, timeout, now);
  if (led) return Standing::standby;
  taking_ = member;
  if (member == departed_) departed_.clear();
  return Standing::take_over;
}

void Members::take_failed(const std::string& member) {
  if (taking_ == member) taking_.clear();
}

bool Members::heartbeat(const std::string& member, const std::string& active, milliseconds timeout,
                        Moment now) {
  if (!is_known(member, active, timeout, now)) return false;
  seen_[member] = now;
  return true;
}

bool Members::leave(const std::string& member, const std::string& active, Moment /*now*/) {
  const bool was_known = seen_.erase(member) > 0 || (member == active && member != departed_);
  if (member == active) departed_ = member;
  take_failed(member);
  return was_known;
}

std::vector<std::string> Members::list(const std::string& active, milliseconds timeout,
                                       Moment now) const {
  std::vector<std::string> alive;
  if (!active.empty() && active != departed_ && is_alive(active, timeout, now))
    alive.push_back(active);
  for (const auto& [member, seen] : seen_)
    if (member != active && is_alive(member, timeout, now)) alive.push_back(member);
  return alive;
}

}  // namespace daybook
