// Who may ask: the rules that keep a web page from using somebody's localhost, and the content
// types that bodies may have.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/http/message.h"
#include "protocol/http/routes.h"

namespace daybook::http {

// Refuses a foreign `Origin` always, and a `Host` that is not loopback unless remote clients are
// allowed. Every request passes it, WebSocket upgrades included.
std::optional<Error> forbidden(const Request& request, const Settings& settings);

// Whether the body says that it is JSON: `application/json`, or with `structured` any
// `application/*+json` as well.
enum class JsonType : bool { plain, structured };
bool has_json_type(const Request& request, JsonType type);

// Refuses a body that is not `application/json`. No body is fine here: its reader misses it.
std::optional<Error> unsupported_body(const Request& request);

// localhost, 127.0.0.0/8 or [::1], with or without a port.
bool is_loopback(std::string_view host);

}  // namespace daybook::http
