// What passes between the sockets (daemon/net) and the handlers: one request, one response.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/verb.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/backend.h"

namespace daybook::http {

struct Request {
  boost::beast::http::verb method = boost::beast::http::verb::get;
  std::string target;  // as sent: path and query, still percent-encoded
  boost::beast::http::fields headers;
  std::string body;
};

// A body that is made piece by piece while it is sent: exports and live tails.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // The next piece; empty text means "nothing new, but flush what there is"; nullopt ends the body.
  virtual Awaitable<std::optional<std::string>> next() = 0;
};

struct Response {
  unsigned status = 200;
  std::string_view content_type = "application/json";  // a constant; empty: no body
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::unique_ptr<BodyStream> stream;  // instead of `body`
};

}  // namespace daybook::http
