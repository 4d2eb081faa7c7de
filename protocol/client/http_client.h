// A small blocking HTTP/1.1 client: for the command line, tests and tools.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/client/url.h"
#include "storage/base/result.h"

namespace daybook::client {

struct HttpRequest {
  std::string method = "GET";
  std::string target{};  // path and query, encoded
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};  // sent with Content-Length; without headers of its own as application/json
};

struct HttpResponse {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  bool is_success() const { return status >= 200 && status < 300; }
  // The first header of this name in any case, or "".
  std::string_view header(std::string_view name) const;
};

// One connection, kept alive between requests and opened anew where the server has closed it. A
// request is sent once: whether to repeat it is the caller's to decide. Not for several threads.
class HttpClient {
 public:
  using Milliseconds = std::chrono::milliseconds;

  // `timeout` bounds connecting and each wait for bytes, not the whole of a long answer.
  explicit HttpClient(Url url, Milliseconds timeout = Milliseconds{30'000});
  ~HttpClient();  // closes the connection
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any status is an answer. Fails with io_failed if none came: not connected, timed out, cut off.
  Result<HttpResponse> send(const HttpRequest& request);

  // The same, but a successful body is handed over piece by piece; false ends it, and the
  // connection with it. The returned body is empty then.
  using OnBytes = std::function<bool(std::string_view)>;
  Result<HttpResponse> stream(const HttpRequest& request, const OnBytes& on_bytes);

  // Ends the request under way, and each later one, with io_failed. From any thread. Not while a
  // host name is looked up: that takes what it takes.
  void cancel();

  const Url& url() const;

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace daybook::client
