// The handlers of the native API, one file for each resource. routes.cc says which is whose.
#pragma once

#include "protocol/http/call.h"

namespace daybook::http {

// events.cc
Awaitable<Result<Response>> append_events(const Call& call);
Awaitable<Result<Response>> read_events(const Call& call);
Awaitable<Result<Response>> find_event(const Call& call);
Awaitable<Result<Response>> find_offset(const Call& call);

// query.cc
Awaitable<Result<Response>> query_events(const Call& call);

// aggregates.cc
Awaitable<Result<Response>> list_aggregates(const Call& call);
Awaitable<Result<Response>> find_aggregate(const Call& call);
Awaitable<Result<Response>> read_aggregate_events(const Call& call);

// groups.cc
Awaitable<Result<Response>> list_groups(const Call& call);
Awaitable<Result<Response>> put_group(const Call& call);
Awaitable<Result<Response>> find_group(const Call& call);
Awaitable<Result<Response>> delete_group(const Call& call);
Awaitable<Result<Response>> commit_group(const Call& call);
Awaitable<Result<Response>> reset_group(const Call& call);
Awaitable<Result<Response>> heartbeat_member(const Call& call);
Awaitable<Result<Response>> leave_group(const Call& call);

// fetch.cc
Awaitable<Result<Response>> fetch_events(const Call& call);

// operate.cc
Awaitable<Result<Response>> first_page(const Call& call);
Awaitable<Result<Response>> live(const Call& call);
Awaitable<Result<Response>> ready(const Call& call);
Awaitable<Result<Response>> metrics(const Call& call);
Awaitable<Result<Response>> status(const Call& call);
Awaitable<Result<Response>> openapi(const Call& call);

}  // namespace daybook::http
