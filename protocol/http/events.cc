// Events: append, read in three forms, find by id and by offset.
#include <xxhash.h>

#include "protocol/http/export.h"
#include "protocol/http/handlers.h"
#include "protocol/http/read_events.h"
#include "protocol/http/sse.h"
#include "protocol/json/name.h"
#include "protocol/json/read_append.h"
#include "protocol/json/write_event.h"
#include "protocol/json/write_page.h"
#include "protocol/json/write_receipt.h"
#include "protocol/stamp.h"

namespace daybook::http {
namespace {

// Sets the key that makes a whole request repeatable, where there is one.
std::optional<Error> read_idempotency_key(const Request& request, Append& append) {
  const auto key = request.headers.find("Idempotency-Key");
  if (key == request.headers.end()) return std::nullopt;
  if (!json::is_name(key->value()))
    return Error{Errc::bad_parameter,
                 "header Idempotency-Key must be 1 to 255 bytes of UTF-8 without control "
                 "characters"};
  const XXH128_hash_t body = XXH3_128bits(request.body.data(), request.body.size());
  append.request_key = RequestKey{std::string(key->value()), {body.low64, body.high64}};
  return std::nullopt;
}

Response one_event(const Page& page) {
  Response response;
  json::append_event(response.body, page.events.front());
  return response;
}

Awaitable<Result<Response>> export_events(const Call& call, ReadEvents asked) {
  const std::uint64_t events_max = asked.has_limit ? asked.query.limit : ~std::uint64_t{0};
  asked.query.limit = kStreamPageEvents;
  Result<Page> page = co_await call.backend.log.read(asked.query);
  if (!page) co_return page.error();
  Response response;
  response.content_type = "application/x-ndjson";
  response.stream = std::make_unique<ExportStream>(call.backend.log, std::move(asked.query),
                                                   std::move(*page), events_max);
  co_return response;
}

Awaitable<Result<Response>> tail_events(const Call& call) {
  Result<Query> query = read_tail_parameters(call);
  if (!query) co_return query.error();
  query->limit = kStreamPageEvents;
  Result<Page> page = co_await call.backend.log.read(*query);
  if (!page) co_return page.error();
  Response response;
  response.content_type = "text/event-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.stream =
      std::make_unique<SseStream>(call.backend.log, std::move(*query), std::move(*page));
  co_return response;
}

}  // namespace

Awaitable<Result<Response>> append_events(const Call& call) {
  Result<Append> append = json::read_append(call.request.body, call.settings.limits);
  if (!append) co_return append.error();
  if (auto refused = read_idempotency_key(call.request, *append)) co_return std::move(*refused);
  stamp(*append);
  Result<Receipt> receipt = co_await call.backend.log.append(std::move(*append));
  if (!receipt) co_return receipt.error();
  Response response;
  response.status = receipt->replayed ? 200 : 201;
  json::append_receipt(response.body, *receipt);
  co_return response;
}

Awaitable<Result<Response>> read_events(const Call& call) {
  if (accepts(call.request, "text/event-stream")) {
    Result<Response> tail = co_await tail_events(call);
    co_return tail;
  }
  Result<ReadEvents> asked = read_events_parameters(call);
  if (!asked) co_return asked.error();
  if (accepts(call.request, "application/x-ndjson")) {
    Result<Response> exported = co_await export_events(call, std::move(*asked));
    co_return exported;
  }
  const Order order = asked->query.order;
  Result<Page> page = co_await call.backend.log.read(std::move(asked->query));
  if (!page) co_return page.error();
  Response response;
  json::append_page(response.body, *page, order, asked->explain);
  co_return response;
}

Awaitable<Result<Response>> find_event(const Call& call) {
  Result<std::string> id = path_name(call, 0);
  if (!id) co_return id.error();
  std::string native;
  Result<Page> page = co_await call.backend.log.find(std::move(native), std::move(*id));
  if (!page) co_return page.error();
  co_return one_event(*page);
}

Awaitable<Result<Response>> find_offset(const Call& call) {
  const Result<Offset> offset = path_offset(call, 0);
  if (!offset) co_return offset.error();
  Result<Page> page = co_await call.backend.log.find(*offset);
  if (!page) co_return page.error();
  co_return one_event(*page);
}

}  // namespace daybook::http
