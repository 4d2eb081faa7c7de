// See errors.h.
#include "protocol/http/errors.h"

#include "protocol/json/write_problem.h"

namespace daybook::http {

unsigned status_of(Errc code) {
  switch (code) {
    case Errc::bad_request:
    case Errc::bad_json: return 400;
    case Errc::forbidden_origin: return 403;
    case Errc::no_route:
    case Errc::not_found:
    case Errc::unknown_group: return 404;
    case Errc::method_not_allowed: return 405;
    case Errc::partial_replay:
    case Errc::sequence_conflict:
    case Errc::condition_failed:
    case Errc::commit_backwards:
    case Errc::fenced:
    case Errc::standby:
    case Errc::group_exists: return 409;
    case Errc::wrong_mode: return 409;
    case Errc::lease_expired: return 409;
    case Errc::trimmed: return 410;
    case Errc::precondition_failed: return 412;
    case Errc::body_too_large: return 413;
    case Errc::unsupported_media_type: return 415;
    case Errc::missing_member:
    case Errc::unknown_member:
    case Errc::duplicate_member:
    case Errc::bad_value:
    case Errc::unknown_parameter:
    case Errc::bad_parameter:
    case Errc::limit_exceeded:
    case Errc::empty_batch:
    case Errc::duplicate_id:
    case Errc::beyond_head:
    case Errc::id_reused:
    case Errc::key_reused:
    case Errc::condition_too_broad: return 422;
    case Errc::precondition_required: return 428;
    case Errc::headers_too_large: return 431;
    case Errc::io_failed:
    case Errc::corrupted:
    case Errc::internal: return 500;
    case Errc::overloaded:
    case Errc::recovering:
    case Errc::shutting_down:
    case Errc::target_unavailable:
    case Errc::evidence_stale: return 503;
    case Errc::not_yet: return 504;
    case Errc::disk_full: return 507;
  }
  return 500;
}

void add_retry_after(Response& response) {
  if (response.status == 503) response.headers.emplace_back("Retry-After", "1");
}

Response problem(const Error& error) {
  Response response;
  response.status = status_of(error.code);
  response.content_type = "application/problem+json";
  json::append_problem(response.body, error, response.status);
  add_retry_after(response);
  return response;
}

}  // namespace daybook::http
