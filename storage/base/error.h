// What went wrong, in a form that code can act on and a person can read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook {

// Stable: the name of each is the `code` that clients see (protocol/HTTP.md lists them with their
// statuses). Callers act on the code; `detail` is for a person.
enum class Errc : std::uint8_t {
  // The request could not be read.
  bad_request,
  headers_too_large,
  bad_json,
  body_too_large,
  unsupported_media_type,
  forbidden_origin,
  method_not_allowed,
  no_route,
  // The request was read and is wrong in itself.
  missing_member,
  unknown_member,
  duplicate_member,
  bad_value,
  unknown_parameter,
  bad_parameter,
  limit_exceeded,
  empty_batch,
  duplicate_id,
  // The request is right, the state of the log refuses it.
  not_found,
  unknown_group,
  trimmed,
  beyond_head,
  id_reused,
  key_reused,
  partial_replay,
  sequence_conflict,
  condition_failed,
  condition_too_broad,
  commit_backwards,
  fenced,
  standby,
  group_exists,
  wrong_mode,     // log mode was asked of a queue group, or the reverse
  lease_expired,  // of an append's `ack`
  precondition_required,
  precondition_failed,
  not_yet,
  // The daemon cannot serve it now.
  overloaded,
  recovering,
  disk_full,
  shutting_down,
  target_unavailable,  // what a projection posts to does not answer
  // The evidence of a command is older than the window: gather again. Never reaches a client.
  evidence_stale,
  // The disk or its content failed.
  io_failed,
  corrupted,
  internal,
};

// One failing check of an append: an aggregate that is not where it was expected, an event that
// matches a `fail_if_match`, or an id that is known already.
struct Conflict {
  enum class Kind : std::uint8_t { sequence, match, known_id };
  Kind kind = Kind::sequence;
  std::string aggregate_type;   // sequence
  std::string aggregate_id;     // sequence
  std::string expected;         // sequence: JSON text, 7 or "exists"
  std::uint64_t actual = 0;     // sequence: 0 where the aggregate does not exist
  std::uint64_t condition = 0;  // match: index in `conditions`; known_id: index in `events`
  std::uint64_t offset = 0;     // match and known_id: the event in the way
  std::string id;               // known_id
};

struct Error {
  Errc code = Errc::internal;
  std::string detail;   // What was wrong, where, and what to do.
  std::string pointer;  // JSON pointer into the request body; empty where there is none.
  std::vector<Conflict> conflicts;
  std::optional<std::uint64_t> first_offset;  // trimmed: where the log begins now

  Error() = default;
  Error(Errc c, std::string d) : code(c), detail(std::move(d)) {}
  Error(Errc c, std::string d, std::string p)
      : code(c), detail(std::move(d)), pointer(std::move(p)) {}
};

// The name of a code as clients see it: "sequence_conflict".
std::string_view name(Errc code);

}  // namespace daybook
