// `POST /v1/events`: one event, an array of events, or the envelope with conditions, a commit
// and an ack.
#pragma once

#include <string_view>

#include "protocol/json/values.h"
#include "storage/base/limits.h"
#include "storage/base/result.h"
#include "storage/model/command.h"

namespace daybook::json {

// An object with a member `events` is the envelope. The drafts point into `Append::text`; sealing
// (time, randomness, digests) is left to the caller. Fails with the codes of api.md's "Append";
// `Error::pointer` says where.
Result<Append> read_append(std::string_view body, const Limits& limits);

// The members of an envelope, for frames that carry them beside their own: reads the value at `in`
// if `name` is one of events, conditions, commit and ack, each at most once.
enum class EnvelopeMember : std::uint8_t { events, conditions, commit, ack };
Refusal read_envelope_member(Values& in, EnvelopeMember member, const Limits& limits,
                             Append& append);

// What holds between the events of a batch, once all were read: not empty, no id twice,
// `expected_sequence` only on an aggregate's first event. `at` prefixes pointers: "/events" or "".
Refusal check_batch(const Append& append, std::string_view at);

}  // namespace daybook::json
