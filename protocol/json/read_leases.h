// What members say of their leases: the bodies of ack, nack and extend, the frames of the same
// names, and "ack" of an append's envelope.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json/values.h"
#include "storage/base/limits.h"
#include "storage/base/result.h"
#include "storage/model/command.h"
#include "storage/model/queue.h"

namespace daybook::json {

inline constexpr std::size_t leases_max = 10'000;  // named at once

enum class LeaseVerb : std::uint8_t { ack, nack, extend };

struct LeaseRequest {
  LeaseVerb verb = LeaseVerb::ack;
  NackLeases said;                               // of an ack or extend: `member` and `leases` alone
  std::string replay_id;                         // empty: leases of the group itself
  std::optional<std::vector<Attempt>> attempts;  // until `check_leases` gives each to its lease
};

// `POST /v1/groups/{group}/ack`, `…/nack`, `…/extend`.
Result<LeaseRequest> read_leases(LeaseVerb verb, std::string_view body, const Limits& limits);

// The members that name leases and say what becomes of them, in an order that tables of other
// objects go on with: the first three, and all with a nack.
inline constexpr std::array<std::string_view, 6> lease_names = {"offsets",  "attempts", "replay_id",
                                                                "delay_ms", "reason",   "action"};
inline constexpr std::size_t lease_names_of(LeaseVerb verb) {
  return verb == LeaseVerb::nack ? lease_names.size() : 3;
}
// Reads the value at `in`, that of `lease_names[name]`.
Refusal read_lease_member(Values& in, std::size_t name, LeaseRequest& request);
// What holds between them, once all were read: as many attempts as offsets, and none twice, which
// would be refused as soon as the first had ended the lease.
Refusal check_leases(LeaseRequest& request);

// {"group","member","offsets","attempts"?,"replay_id"?}; of a replay the group may be left out.
Refusal read_append_ack(Values& in, AckWithAppend& ack);

QueueStep step_of(LeaseRequest request);
// Whose leases they are: the group, or its replay.
std::string queue_of(std::string group, const std::string& replay_id);

}  // namespace daybook::json
