// Aggregates: the list, one, and the events of one.
#include "protocol/http/handlers.h"
#include "protocol/http/parameters.h"
#include "protocol/json/write_aggregate.h"
#include "protocol/json/write_page.h"

namespace daybook::http {
namespace {

Result<AggregateQuery> read_parameters(const Call& call) {
  Parameters parameters(call.query, {"after_sequence", "before_sequence", "order", "limit"});
  AggregateQuery query;
  const std::size_t order = parameters.word("order", {"asc", "desc"}, 0);
  query.order = order == 0 ? Order::ascending : Order::descending;
  query.after = {parameters.integer("after_sequence", 0, {})};
  query.before = {parameters.integer("before_sequence", query.before.value, {.min = 1})};
  query.limit = static_cast<std::uint32_t>(
      parameters.integer("limit", default_limit(call.settings),
                         {.min = 1, .max = call.settings.limits.page_events_max}));
  if (parameters.error()) return *parameters.error();
  return query;
}

// Where the next page begins; nullopt where nothing more is asked for. `last` is the aggregate's.
std::optional<Sequence> next_page(const Page& page, const AggregateQuery& query, Sequence last) {
  if (page.events.empty()) return std::nullopt;
  const Sequence reached = page.events.back().sequence;
  const bool more = query.order == Order::ascending ? reached < last && reached + 1 < query.before
                                                    : reached > query.after + 1;
  if (!more) return std::nullopt;
  return reached;
}

}  // namespace

Awaitable<Result<Response>> list_aggregates(const Call& call) {
  Parameters parameters(call.query, {"aggregate_type", "after", "limit"});
  AggregateListQuery query;
  query.aggregate_type = parameters.name("aggregate_type");
  query.after = parameters.raw("after");
  query.limit = static_cast<std::uint32_t>(
      parameters.integer("limit", default_limit(call.settings),
                         {.min = 1, .max = call.settings.limits.page_events_max}));
  if (parameters.error()) co_return *parameters.error();
  Result<AggregateList> list = co_await call.backend.aggregates.list(std::move(query));
  if (!list) co_return list.error();
  Response response;
  json::append_aggregate_list(response.body, *list);
  co_return response;
}

Awaitable<Result<Response>> find_aggregate(const Call& call) {
  Result<std::string> type = path_name(call, 0);
  if (!type) co_return type.error();
  Result<std::string> id = path_name(call, 1);
  if (!id) co_return id.error();
  Result<AggregateInfo> aggregate =
      co_await call.backend.aggregates.find(std::move(*type), std::move(*id));
  if (!aggregate) co_return aggregate.error();
  Response response;
  response.headers.push_back(etag(aggregate->sequence.value));
  json::append_aggregate(response.body, *aggregate);
  co_return response;
}

Awaitable<Result<Response>> read_aggregate_events(const Call& call) {
  Result<std::string> type = path_name(call, 0);
  if (!type) co_return type.error();
  Result<std::string> id = path_name(call, 1);
  if (!id) co_return id.error();
  Result<AggregateQuery> query = read_parameters(call);
  if (!query) co_return query.error();
  query->aggregate_type = std::move(*type);
  query->aggregate_id = std::move(*id);
  Result<AggregateInfo> aggregate =
      co_await call.backend.aggregates.find(query->aggregate_type, query->aggregate_id);
  if (!aggregate) co_return aggregate.error();
  Result<Page> page = co_await call.backend.aggregates.read(*query);
  if (!page) co_return page.error();
  Response response;
  const auto next = next_page(*page, *query, aggregate->sequence);
  json::append_aggregate_page(response.body, *page, query->order, next);
  co_return response;
}

}  // namespace daybook::http
