// What a handler is given, and what it gives back.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "protocol/backend.h"
#include "protocol/http/message.h"
#include "protocol/http/routes.h"

namespace daybook::http {

// The segments that stood for the `:parameters` of a route, still percent-encoded.
using PathValues = std::array<std::string_view, 2>;

// One request on its way through a handler. Lives until the response is there; what goes on after
// that (a `BodyStream`) copies what it needs, except the backend, which outlives all.
struct Call {
  const Request& request;
  Backend& backend;
  const Settings& settings;
  std::string_view query;
  PathValues values;
};

using Handler = Awaitable<Result<Response>> (*)(const Call& call);

// The decoded segment; where it is no name `bad_parameter`, or `limit_exceeded` for a long one.
Result<std::string> path_name(const Call& call, std::size_t index);

// The segment as an offset from 1: `bad_parameter` where it is none, `not_found` for 0.
Result<Offset> path_offset(const Call& call, std::size_t index);

// The parameter `limit` where it is absent: 100, or less where an operator allows less.
std::uint32_t default_limit(const Settings& settings);

// A response of JSON.
Response json_response(unsigned status, std::string body);

// 204.
Response no_content();

// Whether `Accept` lists the media type by its name.
bool accepts(const Request& request, std::string_view media_type);

// The ETag of a number: "3" in its quotes.
std::pair<std::string, std::string> etag(std::uint64_t version);

}  // namespace daybook::http
