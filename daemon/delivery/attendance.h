// Who is at one desk now, and why it delivers nothing. Any thread.
//
// A member is there as long as it has a connection, or as it was heard of within the ack timeout.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/model/queue.h"

namespace daybook {

class Attendance {
 public:
  // A connection of the member; several may have one name.
  void arrive(const std::string& member);
  // It is gone. True: nobody has this name any more.
  bool depart(const std::string& member);
  // A member without a connection asks.
  void hear(const std::string& member, Moment now);
  // False where no such member is there.
  bool heartbeat(const std::string& member, Moment now);
  // It says goodbye; its connections stay. False where no such member is there.
  bool leave(const std::string& member);
  // Forgets those without a connection that were not heard of since, and names them.
  std::vector<std::string> forget_silent(Moment since);
  bool empty() const;

  struct Shown {
    std::vector<std::string> members;
    Idle idle = Idle::caught_up;
    std::optional<Idle> stalled;
  };
  Shown shown() const;
  void show(Idle idle, std::optional<Idle> stalled);

 private:
  struct Presence {
    std::uint32_t connections = 0;
    std::optional<Moment> heard;  // of one without a connection
    bool is_gone() const { return connections == 0 && !heard; }
  };

  mutable std::mutex mutex_;
  std::map<std::string, Presence> members_;
  Idle idle_ = Idle::caught_up;
  std::optional<Idle> stalled_;
};

}  // namespace daybook
