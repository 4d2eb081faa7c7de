// Projections: what is posted to PostgreSQL and Redis, and read models that users declare.
#include "protocol/http/handlers.h"
#include "protocol/http/min_offset.h"
#include "protocol/http/parameters.h"
#include "protocol/json/minify.h"
#include "protocol/json/read_dead_letters.h"
#include "protocol/json/write_projection_info.h"

namespace daybook::http {
namespace {

// It is the other side that failed, not a disk of ours.
Error refusal(Error error) {
  if (error.code == Errc::io_failed) error.code = Errc::target_unavailable;
  return error;
}

Result<Response> show(unsigned status, const Result<ProjectionInfo>& projection) {
  if (!projection) return refusal(projection.error());
  Response response;
  response.status = status;
  json::append_projection(response.body, *projection);
  return response;
}

Awaitable<Result<Response>> set_paused(const Call& call, bool paused) {
  Result<std::string> name = path_name(call, 0);
  if (!name) co_return name.error();
  const Result<ProjectionInfo> projection =
      co_await call.backend.projections.pause(std::move(*name), paused);
  co_return show(200, projection);
}

}  // namespace

Awaitable<Result<Response>> list_projections(const Call& call) {
  Response response;
  json::append_projection_list(response.body, call.backend.projections.list());
  co_return response;
}

Awaitable<Result<Response>> find_projection(const Call& call) {
  Result<std::string> name = path_name(call, 0);
  if (!name) co_return name.error();
  if (asks_min_offset(call.request)) {
    const Result<MinOffset> asked = read_min_offset(call.request);
    if (!asked) co_return asked.error();
    const Result<void> reached =
        co_await call.backend.projections.reach(*name, asked->offset, asked->wait);
    if (!reached) co_return refusal(reached.error());
  }
  const Result<ProjectionInfo> projection =
      co_await call.backend.projections.find(std::move(*name));
  co_return show(200, projection);
}

Awaitable<Result<Response>> put_projection(const Call& call) {
  Result<std::string> name = path_name(call, 0);
  if (!name) co_return name.error();
  Text text;
  const auto json = json::minify_into(text, call.request.body, call.settings.limits.json_depth_max);
  if (!json) co_return json.error();
  std::string definition(*json);
  const Result<ProjectionPort::Put> put =
      co_await call.backend.projections.put(std::move(*name), std::move(definition));
  if (!put) co_return refusal(put.error());
  co_return show(put->created ? 201 : 200, put->projection);
}

Awaitable<Result<Response>> delete_projection(const Call& call) {
  Result<std::string> name = path_name(call, 0);
  if (!name) co_return name.error();
  const Result<void> removed = co_await call.backend.projections.remove(std::move(*name));
  if (!removed) co_return refusal(removed.error());
  co_return no_content();
}

Awaitable<Result<Response>> rebuild_projection(const Call& call) {
  Result<std::string> name = path_name(call, 0);
  if (!name) co_return name.error();
  const Result<ProjectionInfo> projection =
      co_await call.backend.projections.rebuild(std::move(*name));
  co_return show(202, projection);
}

Awaitable<Result<Response>> pause_projection(const Call& call) {
  return set_paused(call, true);
}

Awaitable<Result<Response>> resume_projection(const Call& call) {
  return set_paused(call, false);
}

Awaitable<Result<Response>> list_projection_failures(const Call& call) {
  Result<std::string> name = path_name(call, 0);
  if (!name) co_return name.error();
  Parameters parameters(call.query, {"after", "limit"});
  ProjectionPort::ListFailures list;
  list.name = std::move(*name);
  list.after = {parameters.integer("after", 0, {})};
  list.limit = static_cast<std::uint32_t>(parameters.integer(
      "limit", list.limit, {.min = 1, .max = limits::projection_failures_page_max}));
  if (parameters.error()) co_return *parameters.error();
  const Result<ProjectionFailures> failures =
      co_await call.backend.projections.failures(std::move(list));
  if (!failures) co_return refusal(failures.error());
  Response response;
  json::append_projection_failures(response.body, *failures);
  co_return response;
}

Awaitable<Result<Response>> retry_projection(const Call& call) {
  Result<std::string> name = path_name(call, 0);
  if (!name) co_return name.error();
  std::vector<Offset> offsets;
  if (!call.request.body.empty()) {
    Result<std::vector<Offset>> named =
        json::read_offset_choice(call.request.body, call.settings.limits);
    if (!named) co_return named.error();
    offsets = std::move(*named);
  }
  const Result<ProjectionRetried> retried =
      co_await call.backend.projections.retry(std::move(*name), std::move(offsets));
  if (!retried) co_return refusal(retried.error());
  Response response;
  json::append_projection_retried(response.body, *retried);
  co_return response;
}

}  // namespace daybook::http
