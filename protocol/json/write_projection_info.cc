// See write_projection_info.h.
#include "protocol/json/write_projection_info.h"

#include "protocol/json/escape.h"
#include "protocol/json/write_dead_letter.h"

namespace daybook::json {
namespace {

void append_state(std::string& out, const FollowerState& state) {
  append_member(out, R"("phase":)", name(state.phase));
  out += R"(,"trouble":)";
  append_string_or_null(out, state.trouble);
  append_member(out, R"(,"since":)", state.since);
  append_offset_or_null(out, R"(,"checkpoint":)", state.checkpoint);
  append_member(out, R"(,"events":)", state.events);
  append_member(out, R"(,"events_late":)", state.events_late);
  append_member(out, R"(,"failed_attempts":)", state.failures);
}

void append_lag(std::string& out, const ProjectionInfo& projection) {
  const std::optional<Offset>& checkpoint = projection.follower.checkpoint;
  if (checkpoint) {
    append_member(out, R"(,"lag":)",
                  projection.head > *checkpoint ? projection.head - *checkpoint : 0);
  } else {
    out += R"(,"lag":null)";
  }
  append_seconds(out, R"(,"lag_seconds":)", projection.lag_seconds);
}

void append_tables(std::string& out, const ProjectionInfo& projection) {
  if (projection.generation > 0) {
    append_member(out, R"(,"generation":)", projection.generation);
  } else {
    out += R"(,"generation":null)";
  }
  if (projection.build) {
    out += R"(,"build":{)";
    append_state(out, *projection.build);
    out += '}';
  } else {
    out += R"(,"build":null)";
  }
  out += R"(,"definition":)";
  out += projection.definition.empty() ? "null" : projection.definition;
}

}  // namespace

void append_projection(std::string& out, const ProjectionInfo& projection) {
  append_member(out, R"({"name":)", projection.follower.name);
  append_member(out, R"(,"kind":)", name(projection.kind));
  append_member(out, R"(,"target":)", projection.target);
  out += ',';
  append_state(out, projection.follower);
  append_member(out, R"(,"head":)", projection.head.value);
  append_lag(out, projection);
  append_member(out, R"(,"failed_events":)", projection.failed_events);
  append_tables(out, projection);
  out += '}';
}

void append_projections(std::string& out, std::span<const ProjectionInfo> projections) {
  out += '[';
  for (const ProjectionInfo& projection : projections) {
    append_projection(out, projection);
    out += ',';
  }
  if (!projections.empty()) out.pop_back();
  out += ']';
}

void append_projection_list(std::string& out, std::span<const ProjectionInfo> projections) {
  out += R"({"projections":)";
  append_projections(out, projections);
  out += R"(,"next_after":null})";
}

void append_projection_failures(std::string& out, const ProjectionFailures& failures) {
  out += R"({"failures":[)";
  for (const ProjectionFailure& failure : failures.failures) {
    append_member(out, R"({"offset":)", failure.offset.value);
    append_member(out, R"(,"id":)", failure.id);
    append_member(out, R"(,"reason":)", failure.reason);
    append_member(out, R"(,"original":)", failure.original);
    append_member(out, R"(,"failed_at":)", failure.failed_at);
    out += "},";
  }
  if (!failures.failures.empty()) out.pop_back();
  append_offset_or_null(out, R"(],"next_after":)", failures.next);
  out += '}';
}

void append_projection_retried(std::string& out, const ProjectionRetried& retried) {
  append_member(out, R"({"posted":)", retried.posted);
  append_member(out, R"(,"failed":)", retried.failed);
  out += '}';
}

}  // namespace daybook::json
