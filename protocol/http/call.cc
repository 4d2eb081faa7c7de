// See call.h.
#include "protocol/http/call.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>

#include "protocol/http/parameters.h"
#include "protocol/http/uri.h"
#include "protocol/json/name.h"

namespace daybook::http {

Result<std::string> path_name(const Call& call, std::size_t index) {
  auto decoded = percent_decode(call.values[index], Plus::stays);
  if (decoded && decoded->size() > limits::name_bytes_max)
    return Error{Errc::limit_exceeded, "a name in the path has at most 255 bytes"};
  if (!decoded || !json::is_name(*decoded))
    return Error{Errc::bad_parameter,
                 "path segment `" + std::string(call.values[index]) +
                     "` must be a name: UTF-8 without control characters, percent-encoded"};
  return std::move(*decoded);
}

Result<Offset> path_offset(const Call& call, std::size_t index) {
  const auto offset = parse_integer(call.values[index]);
  if (!offset)
    return Error{Errc::bad_parameter,
                 "path segment `" + std::string(call.values[index]) + "` must be an offset"};
  if (*offset == 0) return Error{Errc::not_found, "offsets begin at 1"};
  return Offset{*offset};
}

std::uint32_t default_limit(const Settings& settings) {
  constexpr std::size_t kDefault = 100;
  return static_cast<std::uint32_t>(std::min(kDefault, settings.limits.page_events_max));
}

Response json_response(unsigned status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response no_content() {
  Response response;
  response.status = 204;
  response.content_type = {};
  return response;
}

bool accepts(const Request& request, std::string_view media_type) {
  std::string_view list = request.headers[boost::beast::http::field::accept];
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view one = list.substr(0, comma);
    one = one.substr(0, one.find(';'));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (boost::beast::iequals(one, media_type)) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

std::pair<std::string, std::string> etag(std::uint64_t version) {
  return {"ETag", '"' + std::to_string(version) + '"'};
}

}  // namespace daybook::http
