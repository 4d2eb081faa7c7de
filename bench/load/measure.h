// What a run measures: how long, how many, how late, and what the generator itself cost.
#pragma once

#include <cstdint>
#include <string>

#include "bench/load/histogram.h"

namespace daybook::load {

// How long a run goes on. Every run is bounded in time; `events_max` bounds it in count as well.
struct Bounds {
  double seconds = 10;
  double warmup_seconds = 1;     // answered but not measured; 0 where a count is asked for
  std::uint64_t events_max = 0;  // 0: as many as fit
};

struct Measured {
  double seconds = 0;
  std::uint64_t requests = 0;
  std::uint64_t events = 0;
  std::uint64_t failed = 0;
  std::uint64_t requests_total = 0;  // with the warm-up and the last answers
  std::uint64_t events_total = 0;
  double generator_cpu_seconds = 0;  // while measuring
  Histogram latency;
  std::string first_failure;
};

// Counts the answers of one run. Time is passed in, so that one reading serves many answers.
class Tally {
 public:
  Tally(const Bounds& bounds, unsigned events_per_request);

  bool may_send(std::int64_t now) const;
  void sent() { ++sent_; }
  // `from`: when the request was sent, or should have been.
  void answered(std::int64_t from, std::int64_t now, bool ok);
  // `requests`: how many failed without an answer. The first text is kept.
  void failed(std::string text, std::uint64_t requests = 0);
  std::int64_t ends_at() const { return ends_at_; }
  Measured finish(std::int64_t now);

 private:
  void begin_measuring(std::int64_t now);

  std::int64_t measures_from_;
  std::int64_t ends_at_;
  std::uint64_t requests_max_;
  unsigned events_per_request_;
  std::uint64_t sent_ = 0;
  bool measuring_ = false;
  std::int64_t measuring_since_ = 0;
  std::int64_t last_answer_ = 0;
  double cpu_before_ = 0;
  Measured measured_;
};

double own_cpu_seconds();

}  // namespace daybook::load
