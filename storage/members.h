// Who reads a group in log mode: one active member, the others standing by. A pure state machine:
// time comes in as a parameter, what is durable (active member and generation) is the group's row.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace daybook {

class Members {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // `began`: when the daemon started. The active member of before has its timeout from then on.
  explicit Members(Moment began) : began_(began) {}

  enum class Standing : std::uint8_t { active, take_over, standby };
  // `member` asks to read. `take_over`: nobody else is active, and it is to be made so; until
  // `took_over` or `take_failed` others stand by.
  Standing join(const std::string& member, const std::string& active,
                std::chrono::milliseconds timeout, Moment now);
  void take_failed(const std::string& member);

  // False where the member is not known.
  bool heartbeat(const std::string& member, const std::string& active,
                 std::chrono::milliseconds timeout, Moment now);
  bool leave(const std::string& member, const std::string& active, Moment now);

  // The active one first; those that have timed out are forgotten.
  std::vector<std::string> list(const std::string& active, std::chrono::milliseconds timeout,
                                Moment now) const;

 private:
  bool is_alive(const std::string& member, std::chrono::milliseconds timeout, Moment now) const;
  bool is_known(const std::string& member, const std::string& active,
                std::chrono::milliseconds timeout, Moment now) const;

  Moment began_;
  std::map<std::string, Moment> seen_;
  std::string taking_;    // on its way to being active
  std::string departed_;  // the active member that has left
};

}  // namespace daybook
