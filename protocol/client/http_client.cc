// Blocking calls over Beast's asynchronous ones: only those know timeouts.
#include "protocol/client/http_client.h"

#include <sys/socket.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace daybook::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

http::request<http::string_body> to_message(const HttpRequest& request, const Url& url) {
  http::request<http::string_body> message;
  message.method_string(request.method);
  message.target(request.target);
  message.set(http::field::host, url.authority());
  message.set(http::field::user_agent, "daybook");
  for (const auto& [name, value] : request.headers) message.insert(name, value);
  if (!request.body.empty() && message.find(http::field::content_type) == message.end())
    message.set(http::field::content_type, "application/json");
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

HttpResponse to_response(const http::response_header<>& header) {
  HttpResponse response;
  response.status = header.result_int();
  for (const auto& field : header)
    response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  return response;
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [field, value] : headers)
    if (beast::iequals(field, name)) return value;
  return {};
}

class HttpClient::Connection {
 public:
  Connection(Url url, Milliseconds timeout) : url_(std::move(url)), timeout_(timeout) {}

  const Url& url() const { return url_; }

  void cancel() {
    is_cancelled_ = true;
    asio::post(io_, [this] { stream_.close(); });
  }

  // `on_bytes` null: the body is gathered.
  Result<HttpResponse> exchange(const HttpRequest& request, const OnBytes* on_bytes) {
    if (!is_open()) {
      if (auto opened = open(); !opened) return opened.error();
    }
    const auto message = to_message(request, url_);
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    if (request.method == "HEAD") parser.skip(true);
    error_code failed = wait([&](auto done) { http::async_write(stream_, message, done); });
    if (!failed)
      failed = wait([&](auto done) { http::async_read_header(stream_, buffer_, parser, done); });
    if (failed) return broken("did not answer", failed);

    HttpResponse response = to_response(parser.get());
    std::string& body = parser.get().body();
    while (!parser.is_done()) {
      failed = wait([&](auto done) { http::async_read_some(stream_, buffer_, parser, done); });
      if (failed) return broken("broke off its answer", failed);
      if (on_bytes == nullptr || !response.is_success() || body.empty()) continue;
      const bool wants_more = (*on_bytes)(body);
      body.clear();
      if (wants_more) continue;
      close();
      return response;
    }
    if (on_bytes != nullptr && response.is_success() && !body.empty()) {
      (*on_bytes)(body);
      body.clear();
    }
    response.body = std::move(body);
    if (!parser.keep_alive()) close();
    return response;
  }

 private:
  // Runs one asynchronous operation to its end.
  template <class Start>
  error_code wait(Start start) {
    if (is_cancelled_) return asio::error::operation_aborted;
    error_code result;
    stream_.expires_after(timeout_);
    start([&result](error_code ec, auto&&...) { result = ec; });
    io_.restart();
    io_.run();
    return result;
  }

  // A server closes connections that idle: seen here, before a request is lost in one.
  bool is_open() {
    if (!stream_.socket().is_open()) return false;
    char byte = 0;
    const ssize_t seen =
        ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && buffer_.size() == 0) return true;
    close();
    return false;
  }

  Result<void> open() {
    error_code failed;
    asio::ip::tcp::resolver resolver(io_);
    const auto found = resolver.resolve(url_.host, url_.port, failed);
    if (!failed) failed = wait([&](auto done) { stream_.async_connect(found, done); });
    if (failed) return broken("cannot be reached", failed);
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), failed);
    return {};
  }

  Error broken(const char* what, error_code failed) {
    close();
    return Error{Errc::io_failed,
                 "the daemon at http://" + url_.authority() + ' ' + what + ": " + failed.message()};
  }

  void close() {
    stream_.close();
    buffer_.clear();
  }

  const Url url_;
  const Milliseconds timeout_;
  asio::io_context io_{1};
  beast::tcp_stream stream_{io_};
  beast::flat_buffer buffer_;
  std::atomic<bool> is_cancelled_ = false;
};

HttpClient::HttpClient(Url url, Milliseconds timeout)
    : connection_(std::make_unique<Connection>(std::move(url), timeout)) {}

HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::send(const HttpRequest& request) {
  return connection_->exchange(request, nullptr);
}

Result<HttpResponse> HttpClient::stream(const HttpRequest& request, const OnBytes& on_bytes) {
  return connection_->exchange(request, &on_bytes);
}

void HttpClient::cancel() {
  connection_->cancel();
}

const Url& HttpClient::url() const {
  return connection_->url();
}

}  // namespace daybook::client
