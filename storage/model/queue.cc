#include "storage/model/queue.h"

#include <xxhash.h>

namespace daybook {

LaneKey lane_of_aggregate(std::string_view aggregate_type, std::string_view aggregate_id) {
  const auto seed =
      static_cast<XXH64_hash_t>(XXH3_64bits(aggregate_type.data(), aggregate_type.size()));
  return XXH3_64bits_withSeed(aggregate_id.data(), aggregate_id.size(), seed);
}

std::string_view name(Idle idle) {
  switch (idle) {
    case Idle::delivering: return "delivering";
    case Idle::caught_up: return "caught_up";
    case Idle::no_credits: return "no_credits";
    case Idle::paused: return "paused";
    case Idle::breaker: return "breaker";
    case Idle::in_flight_limit: return "in_flight_limit";
    case Idle::aggregates_busy: return "aggregates_busy";
    case Idle::back_off: return "back_off";
    case Idle::unfinished_limit: return "unfinished_limit";
    case Idle::set_aside: return "set_aside";
    case Idle::index_behind: return "index_behind";
    case Idle::bug: return "bug";
  }
  return "bug";
}

std::string_view name(FailureKind kind) {
  switch (kind) {
    case FailureKind::nack: return "nack";
    case FailureKind::timeout: return "timeout";
    case FailureKind::disconnected: return "disconnected";
  }
  return "nack";
}

std::string_view name(BreakerState state) {
  switch (state) {
    case BreakerState::closed: return "closed";
    case BreakerState::open: return "open";
    case BreakerState::probing: return "probing";
  }
  return "closed";
}

}  // namespace daybook
