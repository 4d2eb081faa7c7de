// What is answered before the log is open.
#pragma once

#include "protocol/http/message.h"

namespace daybook::net {

// 200 for `/health/live`, else 503 `recovering`.
http::Response recovering(const http::Request& request);

}  // namespace daybook::net
