// What operators ask: is it alive, is it ready, how is it doing.
#include "protocol/http/handlers.h"
#include "protocol/http/openapi.h"
#include "protocol/json/escape.h"
#include "protocol/json/write_group.h"
#include "protocol/json/write_projection_info.h"

namespace daybook::http {
namespace {

void append_count(std::string& out, std::string_view name, std::uint64_t value) {
  out.append(",\"").append(name).append("\":");
  json::append_unsigned(out, value);
}

void append_groups(std::string& out, const std::vector<GroupInfo>& groups) {
  out += ",\"groups\":[";
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i > 0) out += ',';
    json::append_group(out, groups[i]);
  }
  out += ']';
}

std::string status_json(const Backend& backend) {
  const StatusInfo status = backend.operations.status();
  std::string out = "{\"version\":";
  json::append_string(out, status.version);
  out += ",\"log_id\":";
  json::append_string(out, status.log_id);
  append_count(out, "head", status.head.value);
  append_count(out, "written", status.written.value);
  append_count(out, "floor", status.floor.value);
  append_count(out, "indexed", status.indexed.value);
  append_count(out, "book_bytes", status.book_bytes);
  append_count(out, "index_bytes", status.index_bytes);
  append_count(out, "window_bytes", status.window_bytes);
  json::append_seconds(out, R"(,"uptime_seconds":)", status.uptime_seconds);
  out += R"(,"followers":)";
  json::append_projections(out, backend.projections.list());
  append_groups(out, backend.groups.list());
  out += '}';
  return out;
}

}  // namespace

Awaitable<Result<Response>> first_page(const Call&) {
  Response response;
  response.content_type = "text/html; charset=utf-8";
  response.body =
      "<!doctype html><meta charset=\"utf-8\"><title>Daybook</title><h1>Daybook</h1>"
      "<p>A durable event log.<ul><li><a href=\"/v1/status\">status</a>"
      "<li><a href=\"/v1/events?order=desc\">newest events</a>"
      "<li><a href=\"/v1/groups\">groups</a><li><a href=\"/metrics\">metrics</a>"
      "<li><a href=\"/openapi.json\">API</a></ul>\n";
  co_return response;
}

Awaitable<Result<Response>> live(const Call&) {
  co_return json_response(200, R"({"status":"alive"})");
}

Awaitable<Result<Response>> ready(const Call& call) {
  const std::string reason = call.backend.operations.not_ready_because();
  if (reason.empty()) co_return json_response(200, R"({"status":"ready"})");
  std::string body = R"({"status":"not_ready","reason":)";
  json::append_string(body, reason);
  body += '}';
  co_return json_response(503, std::move(body));
}

Awaitable<Result<Response>> metrics(const Call& call) {
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = call.backend.operations.metrics();
  co_return response;
}

Awaitable<Result<Response>> status(const Call& call) {
  co_return json_response(200, status_json(call.backend));
}

Awaitable<Result<Response>> openapi(const Call&) {
  co_return json_response(200, std::string(openapi_text()));
}

}  // namespace daybook::http
