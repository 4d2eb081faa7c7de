// Sends requests to the routes over a fake backend, without sockets.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include "protocol/http/routes.h"
#include "tests/protocol/fake_backend.h"

namespace daybook::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Runs a coroutine that need not wait for anything from outside.
template <class T>
T run(Awaitable<T> work) {
  boost::asio::io_context io;
  std::optional<T> result;
  std::exception_ptr thrown;
  boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr error, T value) {
    thrown = error;
    result.emplace(std::move(value));
  });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*result);
}

inline http::Request make_request(std::string_view method, std::string target, std::string body,
                                  const Headers& headers) {
  http::Request request;
  request.method = boost::beast::http::string_to_verb(method);
  request.target = std::move(target);
  request.body = std::move(body);
  request.headers.set("Host", "localhost:8011");
  if (!request.body.empty()) request.headers.set("Content-Type", "application/json");
  for (const auto& [name, value] : headers) request.headers.set(name, value);
  return request;
}

// A request that has begun to be answered: for long polls, which wait for the log.
class Pending {
 public:
  Pending(FakeBackend& backend, const http::Settings& settings, http::Request request)
      : request_(std::move(request)) {
    boost::asio::co_spawn(io_, http::respond(request_, backend.port, settings),
                          [this](std::exception_ptr, http::Response response) {
                            response_.emplace(std::move(response));
                          });
    io_.poll();
  }
  bool is_answered() {
    io_.restart();
    io_.poll();
    return response_.has_value();
  }
  http::Response finish() {
    io_.restart();
    io_.run();
    return std::move(*response_);
  }

 private:
  boost::asio::io_context io_;
  http::Request request_;
  std::optional<http::Response> response_;
};

class AskTest : public ::testing::Test {
 protected:
  http::Response send(std::string_view method, std::string target, std::string body = {},
                      const Headers& headers = {}) {
    const http::Request request = make_request(method, std::move(target), std::move(body), headers);
    return run(http::respond(request, backend_.port, settings_));
  }
  http::Response get(std::string target, const Headers& headers = {}) {
    return send("GET", std::move(target), {}, headers);
  }
  http::Response post(std::string target, std::string body, const Headers& headers = {}) {
    return send("POST", std::move(target), std::move(body), headers);
  }

  FakeBackend backend_;
  http::Settings settings_;
};

inline std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "(none)";
}

// The whole of a streamed body.
inline std::string drain(http::BodyStream& stream) {
  std::string all;
  while (auto piece = run(stream.next())) all += *piece;
  return all;
}

// Matches a problem by its status and code.
inline auto is_problem(unsigned status, const std::string& code) {
  using namespace ::testing;
  return AllOf(Field("status", &http::Response::status, status),
               Field("type", &http::Response::content_type, "application/problem+json"),
               Field("body", &http::Response::body, HasSubstr("\"code\":\"" + code + '"')));
}

inline auto body_has(const std::string& text) {
  return ::testing::Field("body", &http::Response::body, ::testing::HasSubstr(text));
}

}  // namespace daybook::testing
