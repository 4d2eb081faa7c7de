// The handlers of the Platform dialect.
#include "protocol/http/errors.h"
#include "protocol/http/guard.h"
#include "protocol/http/uri.h"
#include "protocol/json/escape.h"
#include "protocol/json/platform.h"
#include "protocol/platform/handlers.h"
#include "protocol/platform/list.h"
#include "protocol/stamp.h"

namespace daybook::platform {
namespace {

using http::json_response;

json::PlatformRules rules_of(const Call& call) {
  return {.lenient = call.settings.platform_lenient,
          .json_content_type = http::has_json_type(call.request, http::JsonType::structured)};
}

Response refusal_response(const json::PlatformRefusal& refusal) {
  Response response;
  response.status = refusal.status;
  json::append_platform_refusal(response.body, refusal);
  return response;
}

Response detail_response(unsigned status, std::string_view sentence) {
  std::string body = "{\"detail\":";
  json::append_string(body, sentence);
  body += '}';
  return json_response(status, std::move(body));
}

// An event as it was just appended.
EventView view_of(const Draft& draft, const ReceiptEvent& receipt) {
  EventView view;
  view.offset = receipt.offset;
  view.sequence = receipt.sequence;
  view.id.text = receipt.id;
  view.aggregate_type = draft.aggregate_type;
  view.aggregate_id = draft.aggregate_id;
  view.event_type = draft.event_type;
  view.schema_version = draft.schema_version;
  view.payload = draft.payload;
  view.metadata = draft.metadata;
  view.recorded_at = receipt.recorded_at;
  return view;
}

using ReadBody = json::PlatformRead (*)(std::string_view body, const Limits&, json::PlatformRules);
enum class Shape : std::uint8_t { event, array };

// The log takes the append and what its drafts point into: to answer with the events the body is
// read once more, which costs less than a read from the log.
Awaitable<Result<Response>> create(const Call& call, ReadBody read_body, Shape shape) {
  const Limits& limits = call.settings.limits;
  const json::PlatformRules rules = rules_of(call);
  json::PlatformRead read = read_body(call.request.body, limits, rules);
  if (read.refusal) co_return refusal_response(*read.refusal);
  stamp(read.append);
  Result<Receipt> receipt = co_await call.backend.log.append(std::move(read.append));
  if (!receipt) co_return receipt.error();
  const json::PlatformRead sent = read_body(call.request.body, limits, rules);
  Response response;
  response.status = 201;
  if (shape == Shape::array) response.body += '[';
  for (std::size_t i = 0; i < receipt->events.size(); ++i) {
    if (i > 0) response.body += ',';
    json::append_platform_event(response.body, view_of(sent.append.events[i], receipt->events[i]));
  }
  if (shape == Shape::array) response.body += ']';
  co_return response;
}

}  // namespace

Response refuse(const Error& error) {
  Response response;
  switch (error.code) {
    case Errc::no_route: response = detail_response(404, "Not Found"); break;
    case Errc::method_not_allowed: response = detail_response(405, "Method Not Allowed"); break;
    default: response = detail_response(http::status_of(error.code), error.detail); break;
  }
  http::add_retry_after(response);
  return response;
}

Awaitable<Result<Response>> create_event(const Call& call) {
  return create(call, json::read_platform_event, Shape::event);
}

Awaitable<Result<Response>> create_events(const Call& call) {
  return create(call, json::read_platform_batch, Shape::array);
}

Awaitable<Result<Response>> list_events(const Call& call) {
  ListRead read = read_list(call.query, call.settings.platform_order);
  if (read.refused()) co_return refusal_response(read.refusal);
  auto list = std::make_unique<EventList>(call.backend.log, std::move(read.request));
  Result<void> started = co_await list->start();
  if (!started) co_return started.error();
  Response response;
  if (list->is_short())
    response.body = list->take_first();
  else
    response.stream = std::move(list);
  co_return response;
}

Awaitable<Result<Response>> find_event(const Call& call) {
  const std::string_view segment = call.values[0];
  const std::string text =
      http::percent_decode(segment, http::Plus::stays).value_or(std::string(segment));
  json::PlatformUuid id = json::read_platform_uuid(text);
  if (!id.wrong.empty()) {
    json::PlatformRefusal refusal;
    refusal.issues.push_back(uuid_issue("path", "event_id", text, id.wrong));
    co_return refusal_response(refusal);
  }
  std::string native;
  Result<Page> page = co_await call.backend.log.find(std::move(native), std::move(id.text));
  if (!page && page.error().code == Errc::not_found)
    co_return detail_response(404, "Event not found");
  if (!page) co_return page.error();
  Response response;
  json::append_platform_event(response.body, page->events.front());
  co_return response;
}

}  // namespace daybook::platform
