// `POST /v1/groups/{group}/ack`, `…/nack`, `…/extend`: what members do with their leases.
#include "protocol/http/handlers.h"
#include "protocol/json/read_leases.h"
#include "protocol/json/write_leased.h"
#include "protocol/replay_of_group.h"

namespace daybook::http {
namespace {

Awaitable<Result<Response>> change(const Call& call, json::LeaseVerb verb) {
  Result<std::string> group = path_name(call, 0);
  if (!group) co_return group.error();
  Result<json::LeaseRequest> asked =
      json::read_leases(verb, call.request.body, call.settings.limits);
  if (!asked) co_return asked.error();
  if (auto wrong = wrong_replay(call.backend, *group, asked->replay_id))
    co_return std::move(*wrong);
  std::string queue = json::queue_of(std::move(*group), asked->replay_id);
  QueueStep step = json::step_of(std::move(*asked));
  const Result<std::vector<Offset>> refused =
      co_await call.backend.queues.take(std::move(queue), std::move(step));
  if (!refused) co_return refused.error();
  Response response;
  response.body = '{';
  json::append_refused(response.body, *refused);
  response.body += '}';
  co_return response;
}

}  // namespace

Awaitable<Result<Response>> ack_leases(const Call& call) {
  return change(call, json::LeaseVerb::ack);
}

Awaitable<Result<Response>> nack_leases(const Call& call) {
  return change(call, json::LeaseVerb::nack);
}

Awaitable<Result<Response>> extend_leases(const Call& call) {
  return change(call, json::LeaseVerb::extend);
}

}  // namespace daybook::http
