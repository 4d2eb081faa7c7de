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
Awaitable<Result<Response>> pause_group(const Call& call);
Awaitable<Result<Response>> resume_group(const Call& call);

// dead_letters.cc
Awaitable<Result<Response>> list_dead_letters(const Call& call);
Awaitable<Result<Response>> find_dead_letter(const Call& call);
Awaitable<Result<Response>> retry_dead_letters(const Call& call);
Awaitable<Result<Response>> discard_dead_letters(const Call& call);
Awaitable<Result<Response>> list_replay_dead_letters(const Call& call);
Awaitable<Result<Response>> retry_replay_dead_letters(const Call& call);
Awaitable<Result<Response>> discard_replay_dead_letters(const Call& call);

// replays.cc
Awaitable<Result<Response>> create_replay(const Call& call);
Awaitable<Result<Response>> list_replays(const Call& call);
Awaitable<Result<Response>> find_replay(const Call& call);
Awaitable<Result<Response>> delete_replay(const Call& call);
Awaitable<Result<Response>> pause_replay(const Call& call);
Awaitable<Result<Response>> resume_replay(const Call& call);
Awaitable<Result<Response>> cancel_replay(const Call& call);

// projections.cc
Awaitable<Result<Response>> list_projections(const Call& call);
Awaitable<Result<Response>> find_projection(const Call& call);
Awaitable<Result<Response>> put_projection(const Call& call);
Awaitable<Result<Response>> delete_projection(const Call& call);
Awaitable<Result<Response>> rebuild_projection(const Call& call);
Awaitable<Result<Response>> pause_projection(const Call& call);
Awaitable<Result<Response>> resume_projection(const Call& call);
Awaitable<Result<Response>> list_projection_failures(const Call& call);
Awaitable<Result<Response>> retry_projection(const Call& call);

// fetch.cc
Awaitable<Result<Response>> fetch_events(const Call& call);

// leases.cc
Awaitable<Result<Response>> ack_leases(const Call& call);
Awaitable<Result<Response>> nack_leases(const Call& call);
Awaitable<Result<Response>> extend_leases(const Call& call);

// operate.cc
Awaitable<Result<Response>> first_page(const Call& call);
Awaitable<Result<Response>> live(const Call& call);
Awaitable<Result<Response>> ready(const Call& call);
Awaitable<Result<Response>> metrics(const Call& call);
Awaitable<Result<Response>> status(const Call& call);
Awaitable<Result<Response>> openapi(const Call& call);

}  // namespace daybook::http
