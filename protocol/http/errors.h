// How errors look over HTTP. HTTP.md lists every code with its status.
#pragma once

#include "protocol/http/message.h"
#include "storage/base/error.h"

namespace daybook::http {

unsigned status_of(Errc code);

// application/problem+json (RFC 9457), with `Retry-After` where trying again will help.
Response problem(const Error& error);

// What every 503 carries, in any dialect.
void add_retry_after(Response& response);

}  // namespace daybook::http
