// What the members of a run were given: each event must come once, and where order is asked for,
// each aggregate's in their order. Shared by all members of one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace daybook::load {

// The leases that one `events` frame brought, as JSON lists without their brackets.
struct Leases {
  std::uint64_t count = 0;
  std::string offsets;
  std::string attempts;
};

class QueueLedger {
 public:
  explicit QueueLedger(bool checks_order) : checks_order_(checks_order) {}

  // Throws where an event came before, or after a later one of its aggregate.
  Leases take(std::string_view events_frame);
  void finished(std::uint64_t events) { finished_ += events; }

  std::uint64_t taken() const { return taken_; }
  // Whose ack is durable.
  std::uint64_t finished() const { return finished_; }

 private:
  struct Event {
    std::uint64_t offset = 0;
    std::uint64_t attempt = 0;
    std::string_view text;
  };
  static bool next(std::string_view& frame, Event& event);
  void check_order(const Event& event);

  const bool checks_order_;
  std::vector<bool> seen_;                                    // by offset
  std::unordered_map<std::string, std::uint64_t> sequences_;  // the last one, by aggregate id
  std::uint64_t taken_ = 0;
  std::uint64_t finished_ = 0;
};

}  // namespace daybook::load
