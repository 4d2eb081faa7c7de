// See read_events.h.
#include "protocol/http/read_events.h"

namespace daybook::http {
namespace {

// Every parameter of the route; `event_type` and `tag` may repeat.
Parameters parse(const Call& call) {
  return {call.query,
          {"aggregate_type", "aggregate_id", "event_type*", "tag*", "correlation_id",
           "causation_id", "recorded_from", "recorded_to", "occurred_from", "occurred_to", "after",
           "before", "order", "limit", "explain", "on_trimmed"}};
}

void read_order(Parameters& parameters, Query& query) {
  const bool before = parameters.has("before");
  const std::size_t order = parameters.word("order", {"asc", "desc"}, before ? 1 : 0);
  query.order = order == 0 ? Order::ascending : Order::descending;
  if (before && parameters.has("after"))
    parameters.refuse("before", "does not go together with `after`");
  if (order == 0 && before) parameters.refuse("before", "goes with order=desc");
  if (order == 1 && parameters.has("after"))
    parameters.refuse("after", "goes with order=asc; descending pages go on with `before`");
  query.after = {parameters.integer("after", 0, {})};
  query.before = {parameters.integer("before", kEndOfLog.value, {.min = 1})};
}

ReadEvents read(Parameters& parameters, const Settings& settings) {
  ReadEvents read;
  read.query.filter = read_filter(parameters);
  read.query.recorded = {parameters.time("recorded_from"), parameters.time("recorded_to")};
  read.query.occurred = {parameters.time("occurred_from"), parameters.time("occurred_to")};
  read_order(parameters, read.query);
  read.has_limit = parameters.has("limit");
  read.query.limit = static_cast<std::uint32_t>(parameters.integer(
      "limit", default_limit(settings), {.min = 1, .max = settings.limits.page_events_max}));
  read.explain = parameters.flag("explain");
  read.query.skip_trimmed = parameters.has("on_trimmed");
  parameters.word("on_trimmed", {"skip"}, 0);
  return read;
}

}  // namespace

Filter read_filter(Parameters& parameters) {
  Filter filter;
  filter.aggregate_type = parameters.name("aggregate_type");
  filter.aggregate_id = parameters.name("aggregate_id");
  filter.event_types = parameters.names("event_type");
  filter.tags = parameters.names("tag");
  filter.correlation_id = parameters.name("correlation_id");
  filter.causation_id = parameters.name("causation_id");
  return filter;
}

Result<ReadEvents> read_events_parameters(const Call& call) {
  Parameters parameters = parse(call);
  ReadEvents events = read(parameters, call.settings);
  if (parameters.error()) return *parameters.error();
  return events;
}

Result<Query> read_tail_parameters(const Call& call) {
  Parameters parameters = parse(call);
  Query query = read(parameters, call.settings).query;
  if (query.order == Order::descending)
    parameters.refuse(parameters.has("before") ? "before" : "order",
                      "does not go with a live tail, which is ascending");
  for (const std::string_view other : {"limit", "explain"})
    if (parameters.has(other)) parameters.refuse(other, "does not go with a live tail");
  const std::string_view last = call.request.headers["Last-Event-ID"];
  const auto resumed = parse_integer(last);
  if (!last.empty() && !resumed)
    parameters.refuse("Last-Event-ID", "(a header) must be an offset, as the `id:` of a message");
  if (parameters.error()) return *parameters.error();
  if (resumed) query.after = {*resumed};
  return query;
}

}  // namespace daybook::http
