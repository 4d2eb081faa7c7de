// Counting the answers of one run.
#include "bench/load/measure.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

#include "bench/load/clock.h"

namespace daybook::load {

double own_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Tally::Tally(const Bounds& bounds, unsigned events_per_request)
    : measures_from_(now_ns() + seconds_to_ns(bounds.events_max ? 0 : bounds.warmup_seconds)),
      ends_at_(measures_from_ + seconds_to_ns(bounds.seconds)),
      requests_max_(bounds.events_max
                        ? (bounds.events_max + events_per_request - 1) / events_per_request
                        : std::numeric_limits<std::uint64_t>::max()),
      events_per_request_(events_per_request) {}

bool Tally::may_send(std::int64_t now) const {
  return now < ends_at_ && sent_ < requests_max_;
}

void Tally::begin_measuring(std::int64_t now) {
  measuring_ = true;
  measuring_since_ = now;
  cpu_before_ = own_cpu_seconds();
}

void Tally::answered(std::int64_t from, std::int64_t now, bool ok) {
  ++measured_.requests_total;
  if (!ok) {
    ++measured_.failed;
    return;
  }
  measured_.events_total += events_per_request_;
  // A request counts as late as it is, also where its answer comes after the end.
  if (from >= measures_from_) measured_.latency.add(now - from);
  if (now < measures_from_ || now > ends_at_) return;
  if (!measuring_) begin_measuring(std::min(now, std::max(from, measures_from_)));
  ++measured_.requests;
  last_answer_ = now;
}

void Tally::failed(std::string text, std::uint64_t requests) {
  measured_.failed += requests;
  if (measured_.first_failure.empty()) measured_.first_failure = std::move(text);
}

Measured Tally::finish(std::int64_t now) {
  const bool counted = requests_max_ != std::numeric_limits<std::uint64_t>::max();
  const std::int64_t end = counted ? last_answer_ : std::min(now, ends_at_);
  if (measuring_ && end > measuring_since_) {
    measured_.seconds = static_cast<double>(end - measuring_since_) / 1e9;
    measured_.generator_cpu_seconds = own_cpu_seconds() - cpu_before_;
  }
  measured_.events = measured_.requests * events_per_request_;
  return measured_;
}

}  // namespace daybook::load
