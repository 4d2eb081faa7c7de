// What is answered before the log is open.
#pragma once

#include "protocol/http/message.h"
#include "protocol/http/routes.h"

namespace daybook::net {

// 403 for who may not ask, 200 for `/health/live`, else 503 `recovering` in the path's dialect.
http::Response recovering(const http::Request& request, const http::Settings& settings);

}  // namespace daybook::net
