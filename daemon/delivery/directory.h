// Which desks are open, and which replays are delivered by whose. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "daemon/delivery/attendance.h"

namespace daybook {

class Directory {
 public:
  // Shared: a desk closes while somebody still looks at who is there.
  std::shared_ptr<Attendance> open(const std::string& desk);
  void close(const std::string& desk);
  std::shared_ptr<Attendance> find(const std::string& desk) const;  // nullptr: it is not open

  // Replays that go on, by their `replay_name`, and the group whose members they are delivered to.
  void add_replay(const std::string& replay, const std::string& group);
  void remove_replay(const std::string& replay);
  std::set<std::string> replays_to(const std::string& group) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Attendance>> open_;
  std::map<std::string, std::set<std::string>> replays_;  // by group
};

}  // namespace daybook
