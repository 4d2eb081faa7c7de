// Stops a queue whose downstream is gone, so that an outage does not turn the log into dead
// letters: closed while deliveries succeed; open once too many fail; then one probe at each step of
// the back-off, and closed again after three good ones.
// M. Nygard, "Release It!", 2007, ch. 5.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "storage/model/group.h"
#include "storage/model/queue.h"

namespace daybook::queue {

class Breaker {
 public:
  // Judged by the finished deliveries of the last minute, once there are so many, or
  // `breaker_window` if that is less.
  static constexpr std::uint32_t kSampleMin = 10;
  static constexpr std::uint32_t kGoodProbes = 3;
  static constexpr std::chrono::seconds kMemory{60};

  void configure(const QueueSettings& settings);

  BreakerState state() const;
  // Whether something may be delivered now; what is, while it is not closed, is the probe.
  bool allows(Moment now) const { return closed_ || (!probe_ && now >= probe_at_); }
  void delivered(Offset offset, Attempt attempt);
  // A delivery was finished. Those that began before it opened tell nothing while it is open.
  void finished(Offset offset, Attempt attempt, bool good, Moment now);
  // A delivery ended without telling anything.
  void withdrawn(Offset offset, Attempt attempt, Moment now);
  // When the next probe is due; nullopt: none is, or it is under way.
  std::optional<Moment> next_due() const;

 private:
  struct Finished {
    Moment at;
    bool good;
  };
  struct Probe {
    Offset offset;
    Attempt attempt;
  };
  bool is_probe(Offset offset, Attempt attempt) const;
  void count(bool good, Moment now);
  void forget_before(Moment when);
  void open(Moment now);

  QueueSettings settings_;
  bool closed_ = true;
  std::deque<Finished> finished_;  // while closed; at most the window
  std::size_t failures_ = 0;       // of `finished_`
  std::size_t step_ = 0;           // of the back-off, while open
  std::uint32_t good_probes_ = 0;
  Moment probe_at_;
  std::optional<Probe> probe_;  // under way
};

// The back-off after the `failed`th failure, from 1.
std::chrono::milliseconds back_off(const QueueSettings& settings, std::size_t failed);

}  // namespace daybook::queue
