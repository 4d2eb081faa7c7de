#include "daemon/net/http_session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "daemon/net/recovering.h"
#include "daemon/net/response_text.h"
#include "daemon/net/ws_session.h"
#include "protocol/http/errors.h"
#include "protocol/http/guard.h"

namespace daybook::net {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t kReadBytes = 64 << 10;
constexpr std::uint32_t kHeaderBytesMax = 16 << 10;
constexpr std::size_t kFlushBytes = 256 << 10;   // of answers to pipelined requests
constexpr std::chrono::seconds kIdleMax{600};    // between requests
constexpr std::chrono::seconds kRequestMax{30};  // from a request's first byte to its last
constexpr std::chrono::seconds kWriteMax{300};   // a client that does not read its answer
constexpr std::string_view kWebSocketPath = "/v1/ws";

// TCP itself asks a silent peer whether it is there (keep-alive probes after 15 s, given up after
// 30), and gives up on one that acknowledges nothing for 30 s. A peer that is only slow answers.
void notice_lost_peer(int socket) {
  const auto set = [socket](int level, int option, int value) {
    ::setsockopt(socket, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
}

}  // namespace

HttpSession::HttpSession(Socket socket, Lane& lane, Server& server)
    : socket_(std::move(socket)),
      lane_(lane),
      server_(server),
      place_(lane.connections.add(*this)) {
  boost::system::error_code ignored;  // Slower without, nothing else.
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  notice_lost_peer(socket_.native_handle());
}

HttpSession::~HttpSession() {
  lane_.connections.remove(place_);
}

void HttpSession::stop() {
  stopping_ = true;
  if (idle_) close();
}

void HttpSession::close() {
  stopping_ = true;
  boost::system::error_code ignored;  // The peer may have gone already.
  socket_.close(ignored);
}

Awaitable<void> HttpSession::run() {
  for (;;) {
    const Read read = co_await read_request();
    if (read == Read::ended) break;
    if (read == Read::whole && wants_websocket()) {
      if (!co_await flush()) co_return;
      co_return co_await become_websocket();
    }
    if (read == Read::refused || !co_await answer()) {
      co_await flush();
      break;
    }
    // Answers to pipelined requests leave together.
    if ((in_.size() == 0 || out_.size() >= kFlushBytes) && !co_await flush()) co_return;
  }
  boost::system::error_code ignored;  // The peer may have gone already.
  socket_.shutdown(Socket::shutdown_send, ignored);
}

Awaitable<HttpSession::Read> HttpSession::read_request() {
  parser_.emplace();
  parser_->eager(true);
  parser_->header_limit(kHeaderBytesMax);
  parser_->body_limit(server_.settings()->limits.body_bytes_max);
  continue_sent_ = false;
  if (stopping_) co_return Read::ended;
  idle_ = in_.size() == 0;
  expires_after(idle_ ? kIdleMax : kRequestMax);
  for (;;) {
    if (in_.size() > 0) {
      const Read parsed = parse();
      if (parsed != Read::ended) co_return parsed;
      if (!co_await send_continue_if_expected()) co_return Read::ended;
    }
    if (in_.size() == 0 && !co_await flush()) co_return Read::ended;
    if (!co_await read_more()) co_return Read::ended;
  }
}

// Read::ended here: more bytes are needed.
HttpSession::Read HttpSession::parse() {
  boost::system::error_code failed;
  in_.consume(parser_->put(in_.data(), failed));
  if (failed == beast_http::error::need_more) failed = {};
  if (failed) {
    refuse(failed);
    return Read::refused;
  }
  if (!parser_->is_done()) return Read::ended;
  idle_ = false;
  auto& message = parser_->get();
  keep_alive_ = message.keep_alive();
  request_.method = message.method();
  request_.target.assign(message.target().data(), message.target().size());
  request_.headers = std::move(static_cast<beast_http::fields&>(message.base()));
  request_.body = std::move(message.body());
  return Read::whole;
}

void HttpSession::refuse(const boost::system::error_code& why) {
  Error error{Errc::bad_request, "the request is not HTTP/1.1: " + why.message()};
  if (why == beast_http::error::body_limit)
    error = {Errc::body_too_large, "the body is over " +
                                       std::to_string(server_.settings()->limits.body_bytes_max) +
                                       " bytes (limits.body_bytes_max): send it in parts"};
  else if (why == beast_http::error::header_limit)
    error = {Errc::headers_too_large,
             "the headers are over " + std::to_string(kHeaderBytesMax) + " bytes"};
  const auto target = parser_->get().target();
  append_whole(out_, http::refuse({target.data(), target.size()}, error), false);
}

Awaitable<bool> HttpSession::send_continue_if_expected() {
  if (continue_sent_ || !parser_->is_header_done()) co_return true;
  continue_sent_ = true;
  const auto expect = parser_->get()[beast_http::field::expect];
  if (!boost::beast::iequals(expect, "100-continue")) co_return true;
  out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  co_return co_await flush();
}

Awaitable<bool> HttpSession::read_more() {
  const bool was_idle = idle_;
  auto [failed, bytes] = co_await socket_.async_read_some(in_.prepare(kReadBytes), kAsTuple);
  if (failed) co_return false;
  in_.commit(bytes);
  idle_ = false;
  if (was_idle) expires_after(kRequestMax);
  co_return true;
}

Awaitable<bool> HttpSession::flush() {
  if (out_.empty()) co_return true;
  expires_after(kWriteMax);
  auto [failed, bytes] = co_await asio::async_write(socket_, asio::buffer(out_), kAsTuple);
  out_.clear();
  co_return !failed;
}

Awaitable<http::Response> HttpSession::respond(const http::Settings& settings) {
  Backend* const backend = server_.backend();
  if (!backend) co_return recovering(request_, settings);
  co_return co_await http::respond(request_, *backend, settings);
}

Awaitable<bool> HttpSession::answer() {
  expires_never();
  const auto settings = server_.settings();
  http::Response response = co_await respond(*settings);
  const bool keep_alive = keep_alive_ && !stopping_;
  if (response.stream) co_return co_await send_stream(std::move(response), keep_alive);
  append_whole(out_, response, keep_alive);
  co_return keep_alive;
}

Awaitable<bool> HttpSession::send_stream(http::Response response, bool keep_alive) {
  const bool chunked = parser_->get().version() >= 11;
  append_head(out_, response, chunked ? Framing::chunked : Framing::until_close,
              chunked && keep_alive);
  if (!co_await flush()) co_return false;
  for (;;) {
    expires_never();
    const std::optional<std::string> piece = co_await response.stream->next();
    if (!piece) break;
    if (chunked)
      append_chunk(out_, *piece);
    else
      out_ += *piece;
    if (!co_await flush()) co_return false;
  }
  if (chunked) out_ += kLastChunk;
  co_return chunked&& keep_alive;
}

bool HttpSession::wants_websocket() const {
  const std::string_view target = request_.target;
  if (target.substr(0, target.find('?')) != kWebSocketPath) return false;
  const auto& headers = request_.headers;
  return request_.method == beast_http::verb::get && parser_->get().version() >= 11 &&
         beast_http::token_list{headers[beast_http::field::connection]}.exists("upgrade") &&
         beast_http::token_list{headers[beast_http::field::upgrade]}.exists("websocket");
}

Awaitable<void> HttpSession::become_websocket() {
  const auto settings = server_.settings();
  std::optional<Error> refused = http::forbidden(request_, *settings);
  Backend* const backend = server_.backend();
  if (!refused && !backend) refused = Error{Errc::recovering, "the daemon is starting"};
  if (!refused && in_.size() > 0)
    refused =
        Error{Errc::bad_request, "nothing may follow an upgrade before its answer (RFC 6455, 4.1)"};
  if (refused) {
    append_whole(out_, http::problem(*refused), false);
    co_await flush();
    co_return;
  }
  expires_never();
  WsSession session(std::move(socket_), lane_, *backend, settings->limits);
  co_await session.run(request_);
}

Awaitable<void> serve_http(std::unique_ptr<HttpSession> session) {
  co_await session->run();
}

}  // namespace daybook::net
