// Dead letters of groups and of replays: listed, shown, retried, discarded.
#include "protocol/http/handlers.h"
#include "protocol/http/parameters.h"
#include "protocol/http/read_events.h"
#include "protocol/json/read_dead_letters.h"
#include "protocol/json/write_dead_letter.h"

namespace daybook::http {
namespace {

Result<std::string> replay_queue(const Call& call) {
  const Result<std::string> id = path_name(call, 0);
  if (!id) return id.error();
  return replay_name(*id);
}

Result<DeadLetterPort::List> read_list(const Call& call, std::string queue) {
  Parameters parameters(call.query, {"aggregate_type", "aggregate_id", "event_type*", "tag*",
                                     "correlation_id", "causation_id", "after", "limit"});
  DeadLetterPort::List list;
  list.queue = std::move(queue);
  list.filter = read_filter(parameters);
  list.after = {parameters.integer("after", 0, {})};
  list.limit = static_cast<std::uint32_t>(
      parameters.integer("limit", list.limit, {.min = 1, .max = limits::dead_letters_page_max}));
  if (parameters.error()) return *parameters.error();
  return list;
}

Awaitable<Result<Response>> list(const Call& call, Result<std::string> queue) {
  if (!queue) co_return queue.error();
  Result<DeadLetterPort::List> asked = read_list(call, std::move(*queue));
  if (!asked) co_return asked.error();
  const Result<DeadLetterPage> page = co_await call.backend.dead_letters.list(std::move(*asked));
  if (!page) co_return page.error();
  Response response;
  json::append_dead_letter_page(response.body, *page);
  co_return response;
}

Result<DeadLetterPort::Change> read_change(const Call& call, Result<std::string> queue) {
  if (!queue) return queue.error();
  Result<DeadLetterPort::Change> change =
      json::read_dead_letter_change(call.request.body, call.settings.limits);
  if (change) change->queue = std::move(*queue);
  return change;
}

Response changed_response(std::string_view verb, const DeadLetterPort::Changed& changed) {
  Response response;
  json::append_changed(response.body, verb, changed);
  return response;
}

Awaitable<Result<Response>> retry(const Call& call, Result<std::string> queue) {
  Result<DeadLetterPort::Change> change = read_change(call, std::move(queue));
  if (!change) co_return change.error();
  const Result<DeadLetterPort::Changed> changed =
      co_await call.backend.dead_letters.retry(std::move(*change));
  if (!changed) co_return changed.error();
  co_return changed_response("retried", *changed);
}

Awaitable<Result<Response>> discard(const Call& call, Result<std::string> queue) {
  Result<DeadLetterPort::Change> change = read_change(call, std::move(queue));
  if (!change) co_return change.error();
  const Result<DeadLetterPort::Changed> changed =
      co_await call.backend.dead_letters.discard(std::move(*change));
  if (!changed) co_return changed.error();
  co_return changed_response("discarded", *changed);
}

}  // namespace

Awaitable<Result<Response>> find_dead_letter(const Call& call) {
  Result<std::string> group = path_name(call, 0);
  if (!group) co_return group.error();
  const Result<Offset> offset = path_offset(call, 1);
  if (!offset) co_return offset.error();
  DeadLetterPort::List one;
  one.queue = std::move(*group);
  one.after = *offset - 1;
  one.limit = 1;
  const Result<DeadLetterPage> page = co_await call.backend.dead_letters.list(std::move(one));
  if (!page) co_return page.error();
  if (page->events.events.empty() || page->events.events.front().offset != *offset)
    co_return Error{Errc::not_found, "no dead letter of this group has this offset"};
  Response response;
  json::append_dead_letter(response.body, page->events.events.front(), page->facts.front());
  co_return response;
}

Awaitable<Result<Response>> list_dead_letters(const Call& call) {
  return list(call, path_name(call, 0));
}

Awaitable<Result<Response>> retry_dead_letters(const Call& call) {
  return retry(call, path_name(call, 0));
}

Awaitable<Result<Response>> discard_dead_letters(const Call& call) {
  return discard(call, path_name(call, 0));
}

Awaitable<Result<Response>> list_replay_dead_letters(const Call& call) {
  return list(call, replay_queue(call));
}

Awaitable<Result<Response>> retry_replay_dead_letters(const Call& call) {
  return retry(call, replay_queue(call));
}

Awaitable<Result<Response>> discard_replay_dead_letters(const Call& call) {
  return discard(call, replay_queue(call));
}

}  // namespace daybook::http
