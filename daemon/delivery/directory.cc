#include "daemon/delivery/directory.h"

namespace daybook {

std::shared_ptr<Attendance> Directory::open(const std::string& desk) {
  auto attendance = std::make_shared<Attendance>();
  const std::scoped_lock lock(mutex_);
  open_[desk] = attendance;
  return attendance;
}

void Directory::close(const std::string& desk) {
  const std::scoped_lock lock(mutex_);
  open_.erase(desk);
}

std::shared_ptr<Attendance> Directory::find(const std::string& desk) const {
  const std::scoped_lock lock(mutex_);
  const auto found = open_.find(desk);
  return found == open_.end() ? nullptr : found->second;
}

void Directory::add_replay(const std::string& replay, const std::string& group) {
  const std::scoped_lock lock(mutex_);
  replays_[group].insert(replay);
}

void Directory::remove_replay(const std::string& replay) {
  const std::scoped_lock lock(mutex_);
  for (auto at = replays_.begin(); at != replays_.end();) {
    at->second.erase(replay);
    at = at->second.empty() ? replays_.erase(at) : std::next(at);
  }
}

std::set<std::string> Directory::replays_to(const std::string& group) const {
  const std::scoped_lock lock(mutex_);
  const auto found = replays_.find(group);
  return found == replays_.end() ? std::set<std::string>{} : found->second;
}

}  // namespace daybook
