// The whole API on one screen, and the way of a request through it.
#include "protocol/http/routes.h"

#include <algorithm>
#include <boost/beast/http/verb.hpp>

#include "protocol/http/errors.h"
#include "protocol/http/guard.h"
#include "protocol/http/handlers.h"
#include "protocol/http/min_offset.h"
#include "protocol/http/parameters.h"
#include "protocol/http/uri.h"
#include "protocol/platform/handlers.h"

namespace daybook::http {
namespace {

using boost::beast::http::verb;

struct Route {
  verb method;
  std::string_view pattern;  // `:name` stands for one segment, which is not empty
  Handler handler;
  bool has_parameters = false;  // in the query string; native routes without any refuse them
  bool has_own_view = false;    // its handler waits for `Daybook-Min-Offset`, not for the log
};

constexpr Route kRoutes[] = {
    {verb::post, "/v1/events", append_events},
    {verb::get, "/v1/events", read_events, true},
    {verb::get, "/v1/events/:id", find_event},
    {verb::get, "/v1/offsets/:offset", find_offset},
    {verb::post, "/v1/query", query_events},
    {verb::get, "/v1/aggregates", list_aggregates, true},
    {verb::get, "/v1/aggregates/:type/:id", find_aggregate},
    {verb::get, "/v1/aggregates/:type/:id/events", read_aggregate_events, true},
    {verb::get, "/v1/groups", list_groups},
    {verb::get, "/v1/groups/:group", find_group},
    {verb::put, "/v1/groups/:group", put_group},
    {verb::delete_, "/v1/groups/:group", delete_group},
    {verb::post, "/v1/groups/:group/fetch", fetch_events},
    {verb::post, "/v1/groups/:group/ack", ack_leases},
    {verb::post, "/v1/groups/:group/nack", nack_leases},
    {verb::post, "/v1/groups/:group/extend", extend_leases},
    {verb::post, "/v1/groups/:group/commit", commit_group},
    {verb::post, "/v1/groups/:group/reset", reset_group},
    {verb::post, "/v1/groups/:group/heartbeat", heartbeat_member},
    {verb::post, "/v1/groups/:group/leave", leave_group},
    {verb::post, "/v1/groups/:group/pause", pause_group},
    {verb::post, "/v1/groups/:group/resume", resume_group},
    {verb::get, "/v1/groups/:group/dead-letters", list_dead_letters, true},
    {verb::get, "/v1/groups/:group/dead-letters/:offset", find_dead_letter},
    {verb::post, "/v1/groups/:group/dead-letters/retry", retry_dead_letters},
    {verb::post, "/v1/groups/:group/dead-letters/discard", discard_dead_letters},
    {verb::post, "/v1/replays", create_replay},
    {verb::get, "/v1/replays", list_replays},
    {verb::get, "/v1/replays/:id", find_replay},
    {verb::delete_, "/v1/replays/:id", delete_replay},
    {verb::post, "/v1/replays/:id/pause", pause_replay},
    {verb::post, "/v1/replays/:id/resume", resume_replay},
    {verb::post, "/v1/replays/:id/cancel", cancel_replay},
    {verb::get, "/v1/replays/:id/dead-letters", list_replay_dead_letters, true},
    {verb::post, "/v1/replays/:id/dead-letters/retry", retry_replay_dead_letters},
    {verb::post, "/v1/replays/:id/dead-letters/discard", discard_replay_dead_letters},
    {verb::get, "/v1/projections", list_projections},
    {verb::get, "/v1/projections/:name", find_projection, false, true},
    {verb::put, "/v1/projections/:name", put_projection},
    {verb::delete_, "/v1/projections/:name", delete_projection},
    {verb::post, "/v1/projections/:name/rebuild", rebuild_projection},
    {verb::post, "/v1/projections/:name/pause", pause_projection},
    {verb::post, "/v1/projections/:name/resume", resume_projection},
    {verb::get, "/v1/projections/:name/failures", list_projection_failures, true},
    {verb::post, "/v1/projections/:name/retry", retry_projection},
    {verb::get, "/v1/status", status},
    {verb::get, "/", first_page},
    {verb::get, "/health/live", live},
    {verb::get, "/health/ready", ready},
    {verb::get, "/metrics", metrics},
    {verb::get, "/openapi.json", openapi},
    // The Platform dialect. Its 405 names the first method alone, as the old system does.
    {verb::post, "/events/", platform::create_event},
    {verb::get, "/events/", platform::list_events},
    {verb::post, "/events", platform::create_event},
    {verb::get, "/events", platform::list_events},
    {verb::post, "/events/batch", platform::create_events},
    {verb::get, "/events/:id", platform::find_event},
};

// Whose conventions hold: of `/v1`, of the pages for operators, or of the Platform.
enum class Dialect : std::uint8_t { native, operate, platform };

Dialect dialect_of(std::string_view path) {
  if (path == "/v1" || path.starts_with("/v1/")) return Dialect::native;
  if (path == "/events" || path.starts_with("/events/")) return Dialect::platform;
  return Dialect::operate;
}

bool matches(std::string_view pattern, std::string_view path, PathValues& values) {
  std::size_t count = 0;
  while (!pattern.empty()) {
    if (pattern.front() == ':') {
      const std::string_view segment = path.substr(0, path.find('/'));
      if (segment.empty()) return false;
      values[count++] = segment;
      path.remove_prefix(segment.size());
      pattern.remove_prefix(std::min(pattern.find('/'), pattern.size()));
    } else {
      if (path.empty() || path.front() != pattern.front()) return false;
      path.remove_prefix(1);
      pattern.remove_prefix(1);
    }
  }
  return path.empty();
}

const Route* find_route(verb method, std::string_view path, PathValues& values) {
  for (const Route& route : kRoutes)
    if (route.method == method && matches(route.pattern, path, values)) return &route;
  return nullptr;
}

std::string allowed_methods(std::string_view path, Dialect dialect) {
  std::string allow;
  PathValues values;
  for (const Route& route : kRoutes) {
    if (!matches(route.pattern, path, values)) continue;
    if (!allow.empty() && dialect == Dialect::platform) break;
    if (!allow.empty()) allow += ", ";
    allow += std::string_view(to_string(route.method));
  }
  return allow;
}

Response refuse(Dialect dialect, const Error& error) {
  return dialect == Dialect::platform ? platform::refuse(error) : problem(error);
}

// 404 or 405.
Response refuse_route(Dialect dialect, std::string_view path) {
  std::string allow = allowed_methods(path, dialect);
  if (allow.empty())
    return refuse(dialect, {Errc::no_route, "there is nothing at " + std::string(path)});
  Response response = refuse(dialect, {Errc::method_not_allowed, "this path takes " + allow});
  response.headers.emplace_back("Allow", std::move(allow));
  return response;
}

// The route's answer, once everything that comes before a handler has agreed.
Awaitable<Result<Response>> answer(Dialect dialect, const Route& route, const Call& call) {
  if (dialect == Dialect::native) {
    if (auto refused = unsupported_body(call.request)) co_return std::move(*refused);
    if (!route.has_parameters && !call.query.empty())
      if (const Parameters none(call.query, {}); none.error()) co_return *none.error();
    if (!route.has_own_view && asks_min_offset(call.request)) {
      Result<void> reached = co_await reach_min_offset(call);
      if (!reached) co_return reached.error();
    }
  }
  Result<Response> answered = co_await route.handler(call);
  co_return answered;
}

}  // namespace

Response refuse(std::string_view target, const Error& error) {
  return refuse(dialect_of(split_target(target).path), error);
}

std::vector<std::string> route_names() {
  std::vector<std::string> names;
  for (const Route& route : kRoutes)
    names.push_back(std::string(to_string(route.method)) + ' ' + std::string(route.pattern));
  return names;
}

Awaitable<Response> respond(const Request& request, Backend& backend, const Settings& settings) {
  const Target target = split_target(request.target);
  const Dialect dialect = dialect_of(target.path);
  Call call{request, backend, settings, target.query, {}};
  const Route* const route = find_route(request.method, target.path, call.values);
  Response response;
  if (auto refused = forbidden(request, settings)) {
    response = refuse(dialect, *refused);
  } else if (route == nullptr) {
    response = refuse_route(dialect, target.path);
  } else {
    Result<Response> answered = co_await answer(dialect, *route, call);
    response = answered ? std::move(*answered) : refuse(dialect, answered.error());
  }
  if (dialect == Dialect::native)
    response.headers.emplace_back("Daybook-Head", std::to_string(backend.log.head().value));
  co_return response;
}

}  // namespace daybook::http
