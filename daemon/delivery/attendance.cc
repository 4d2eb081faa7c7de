#include "daemon/delivery/attendance.h"

namespace daybook {

void Attendance::arrive(const std::string& member) {
  const std::scoped_lock lock(mutex_);
  ++members_[member].connections;
}

bool Attendance::depart(const std::string& member) {
  const std::scoped_lock lock(mutex_);
  const auto found = members_.find(member);
  if (found == members_.end() || found->second.connections == 0) return false;
  --found->second.connections;
  if (!found->second.is_gone()) return false;
  members_.erase(found);
  return true;
}

void Attendance::hear(const std::string& member, Moment now) {
  const std::scoped_lock lock(mutex_);
  members_[member].heard = now;
}

bool Attendance::heartbeat(const std::string& member, Moment now) {
  const std::scoped_lock lock(mutex_);
  const auto found = members_.find(member);
  if (found == members_.end()) return false;
  if (found->second.heard) found->second.heard = now;
  return true;
}

bool Attendance::leave(const std::string& member) {
  const std::scoped_lock lock(mutex_);
  const auto found = members_.find(member);
  if (found == members_.end()) return false;
  found->second.heard.reset();
  if (found->second.is_gone()) members_.erase(found);
  return true;
}

std::vector<std::string> Attendance::forget_silent(Moment since) {
  std::vector<std::string> silent;
  const std::scoped_lock lock(mutex_);
  for (auto at = members_.begin(); at != members_.end();) {
    Presence& presence = at->second;
    if (presence.heard && *presence.heard < since) presence.heard.reset();
    if (!presence.is_gone()) {
      ++at;
      continue;
    }
    silent.push_back(at->first);
    at = members_.erase(at);
  }
  return silent;
}

bool Attendance::empty() const {
  const std::scoped_lock lock(mutex_);
  return members_.empty();
}

Attendance::Shown Attendance::shown() const {
  const std::scoped_lock lock(mutex_);
  Shown shown{.members = {}, .idle = idle_, .stalled = stalled_};
  for (const auto& [name, presence] : members_) shown.members.push_back(name);
  return shown;
}

void Attendance::show(Idle idle, std::optional<Idle> stalled) {
  const std::scoped_lock lock(mutex_);
  idle_ = idle;
  stalled_ = stalled;
}

}  // namespace daybook
