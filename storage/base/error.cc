#include "storage/base/error.h"

namespace daybook {

// No `default`: -Werror=switch names every code that is not listed.
std::string_view name(Errc code) {
  switch (code) {
    case Errc::bad_request: return "bad_request";
    case Errc::headers_too_large: return "headers_too_large";
    case Errc::bad_json: return "bad_json";
    case Errc::body_too_large: return "body_too_large";
    case Errc::unsupported_media_type: return "unsupported_media_type";
    case Errc::forbidden_origin: return "forbidden_origin";
    case Errc::method_not_allowed: return "method_not_allowed";
    case Errc::no_route: return "no_route";
    case Errc::missing_member: return "missing_member";
    case Errc::unknown_member: return "unknown_member";
    case Errc::duplicate_member: return "duplicate_member";
    case Errc::bad_value: return "bad_value";
    case Errc::unknown_parameter: return "unknown_parameter";
    case Errc::bad_parameter: return "bad_parameter";
    case Errc::limit_exceeded: return "limit_exceeded";
    case Errc::empty_batch: return "empty_batch";
    case Errc::duplicate_id: return "duplicate_id";
    case Errc::not_found: return "not_found";
    case Errc::unknown_group: return "unknown_group";
    case Errc::trimmed: return "trimmed";
    case Errc::beyond_head: return "beyond_head";
    case Errc::id_reused: return "id_reused";
    case Errc::key_reused: return "key_reused";
    case Errc::partial_replay: return "partial_replay";
    case Errc::sequence_conflict: return "sequence_conflict";
    case Errc::condition_failed: return "condition_failed";
    case Errc::condition_too_broad: return "condition_too_broad";
    case Errc::commit_backwards: return "commit_backwards";
    case Errc::fenced: return "fenced";
    case Errc::standby: return "standby";
    case Errc::group_exists: return "group_exists";
    case Errc::wrong_mode: return "wrong_mode";
    case Errc::lease_expired: return "lease_expired";
    case Errc::precondition_required: return "precondition_required";
    case Errc::precondition_failed: return "precondition_failed";
    case Errc::not_yet: return "not_yet";
    case Errc::overloaded: return "overloaded";
    case Errc::recovering: return "recovering";
    case Errc::disk_full: return "disk_full";
    case Errc::shutting_down: return "shutting_down";
    case Errc::target_unavailable: return "target_unavailable";
    case Errc::evidence_stale: return "evidence_stale";
    case Errc::io_failed: return "io_failed";
    case Errc::corrupted: return "corrupted";
    case Errc::internal: return "internal";
  }
  return "internal";
}

}  // namespace daybook
