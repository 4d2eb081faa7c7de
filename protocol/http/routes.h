// The whole HTTP API: finds the handler of a request and runs it.
#pragma once

#include "protocol/backend.h"
#include "protocol/http/message.h"
#include "storage/base/limits.h"

namespace daybook::http {

// What handlers need to know of the configuration. Copied when the daemon re-reads it.
struct Settings {
  Limits limits;
  std::vector<std::string> allowed_origins;
  bool allow_remote = false;
  Order platform_order = Order::ascending;  // of `GET /events/` without `order`
  bool platform_lenient = false;            // `POST /events/` without an aggregate
};

// Answers one request: checks Origin, Host and content type, waits for `Daybook-Min-Offset`,
// routes, and turns every error into problem+json (or the dialect's own shape). Never throws for
// bad input.
Awaitable<Response> respond(const Request& request, Backend& backend, const Settings& settings);

// What a request is answered that never came to `respond`: in the dialect of its path.
Response refuse(std::string_view target, const Error& error);

// Every route of the table, such as "GET /v1/events/:id".
std::vector<std::string> route_names();

}  // namespace daybook::http
