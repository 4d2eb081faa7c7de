// Bodies of appends, queries, groups and the Platform: whatever the bytes, there is a value or a
// named error, and what was accepted keeps the rules of the model.
#include <cstdint>
#include <string>

#include "protocol/json/minify.h"
#include "protocol/json/name.h"
#include "protocol/json/platform.h"
#include "protocol/json/read_append.h"
#include "protocol/json/read_group.h"
#include "protocol/json/read_leases.h"
#include "protocol/json/read_query.h"
#include "protocol/json/write_leased.h"
#include "storage/base/check.h"

namespace daybook::json {
namespace {

bool is_json(std::string_view text) {
  std::string out(text.size(), '\0');
  const Minified done = minify(text, out.data(), minify_depth_max);
  return done.broken == Broken::nothing && done.size == text.size();
}

void check(const Draft& draft, const Limits& limits) {
  CHECK(is_name(draft.event_type) && is_name(draft.aggregate_type) && is_name(draft.aggregate_id));
  CHECK(draft.id.empty() || is_name(draft.id));
  CHECK(draft.correlation_id.empty() || is_name(draft.correlation_id));
  CHECK(draft.causation_id.empty() || is_name(draft.causation_id));
  CHECK(is_json(draft.payload) && is_json(draft.metadata) && is_json(draft.schema_version));
  CHECK(draft.metadata.starts_with('{') && is_json(mark_replay(draft.metadata, "r")));
  CHECK(draft.payload.size() + draft.metadata.size() <= limits.event_bytes_max);
  CHECK(draft.tags.size() <= limits.tags_max);
}

void check(const Append& append, const Limits& limits) {
  CHECK(!append.events.empty() && append.events.size() <= limits.batch_events_max);
  for (const Draft& draft : append.events) check(draft, limits);
  if (append.ack) CHECK(!append.ack->group.empty() && is_name(append.ack->leases.member));
}

void read_all(std::string_view body) {
  const Limits limits;
  if (const auto append = read_append(body, limits)) check(*append, limits);
  for (const bool lenient : {false, true}) {
    const PlatformRules rules{.lenient = lenient};
    const auto one = read_platform_event(body, limits, rules);
    const auto many = read_platform_batch(body, limits, rules);
    for (const PlatformRead* read : {&one, &many}) {
      std::string out;
      if (!read->refusal) check(read->append, limits);
      if (read->refusal) append_platform_refusal(out, *read->refusal);
      CHECK(out.empty() || is_json(out));
    }
  }
  if (const auto query = read_query(body, limits)) CHECK(query->limit >= 1);
  if (const auto group = read_group_settings(body, limits))
    CHECK(group->member_timeout_ms >= member_timeout_ms_min);
  if (const auto fetch = read_fetch(body, limits)) CHECK(is_name(fetch->member));
  for (const LeaseVerb verb : {LeaseVerb::ack, LeaseVerb::nack, LeaseVerb::extend})
    if (const auto leases = read_leases(verb, body, limits)) {
      CHECK(is_name(leases->said.member) && !leases->said.leases.empty());
      CHECK(leases->said.reason.size() <= limits::reason_bytes_max);
    }
  if (const auto to = read_reset(body, limits)) CHECK(to->index() < 4);
}

}  // namespace
}  // namespace daybook::json

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  daybook::json::read_all({reinterpret_cast<const char*>(data), size});
  return 0;
}
