// The Platform's event store API, translated: `/events/`, `/events/batch`, `/events/{id}`. Shapes,
// statuses and sentences are those of the old system; the events are ordinary events of the log.
#pragma once

#include "protocol/http/call.h"

namespace daybook::platform {

using http::Call;
using http::Response;

Awaitable<Result<Response>> create_event(const Call& call);
Awaitable<Result<Response>> create_events(const Call& call);
Awaitable<Result<Response>> list_events(const Call& call);
Awaitable<Result<Response>> find_event(const Call& call);

// {"detail":"…"}, with the status that the native API has for the code.
Response refuse(const Error& error);

}  // namespace daybook::platform
