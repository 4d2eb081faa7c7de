// `POST /v1/query`: the read with a body.
#include "protocol/http/handlers.h"
#include "protocol/json/read_query.h"
#include "protocol/json/write_page.h"

namespace daybook::http {

Awaitable<Result<Response>> query_events(const Call& call) {
  Result<Query> query = json::read_query(call.request.body, call.settings.limits);
  if (!query) co_return query.error();
  const Order order = query->order;
  Result<Page> page = co_await call.backend.log.read(std::move(*query));
  if (!page) co_return page.error();
  Response response;
  json::append_page(response.body, *page, order, false);
  co_return response;
}

}  // namespace daybook::http
