#include "daemon/net/ws_session.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "daemon/net/spawn.h"
#include "daemon/version.h"
#include "protocol/http/errors.h"

namespace daybook::net {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr const char* kSubprotocol = "daybook.v1";
constexpr std::chrono::seconds kPing{15};

// Chooses our subprotocol where the client offers it.
struct ChooseSubprotocol {
  bool offered;
  void operator()(websocket::response_type& response) const {
    if (offered) response.set(boost::beast::http::field::sec_websocket_protocol, kSubprotocol);
  }
};

}  // namespace

// Counts a task as ended, however it ends.
struct WsSession::EndOfTask {
  WsSession& session;
  ~EndOfTask() {
    if (--session.tasks_ == 0) session.tasks_ended_.cancel();
  }
};

WsSession::WsSession(Socket socket, Lane& lane, Backend& backend, const Limits& limits)
    : lane_(lane),
      place_(lane.connections.add(*this)),
      limits_(limits),
      socket_(std::move(socket)),
      session_(backend, {.version = kVersion, .limits = limits, .ping = kPing}, *this,
               socket_.get_executor()),
      next_ping_(lane.thread.context()),
      tasks_ended_(lane.thread.context()) {}

WsSession::~WsSession() {
  lane_.connections.remove(place_);
}

void WsSession::stop() {
  session_.close("stopping");
}

void WsSession::close() {
  boost::system::error_code ignored;  // The peer may have gone already.
  socket_.next_layer().close(ignored);
}

Awaitable<bool> WsSession::accept(const http::Request& upgrade) {
  boost::beast::http::request<boost::beast::http::empty_body> request;
  request.method(upgrade.method);
  request.target(upgrade.target);
  for (const auto& field : upgrade.headers) request.insert(field.name_string(), field.value());
  const auto protocols = upgrade.headers[boost::beast::http::field::sec_websocket_protocol];
  const bool offered = boost::beast::http::token_list{protocols}.exists(kSubprotocol);
  websocket::stream_base::timeout timeouts{};
  timeouts.handshake_timeout = std::chrono::seconds(10);
  // A slow client is never dropped for being slow: no frame is waited for. That a peer is gone, TCP
  // finds out (`HttpSession`'s keep-alive).
  timeouts.idle_timeout = websocket::stream_base::none();
  timeouts.keep_alive_pings = false;
  socket_.set_option(timeouts);
  socket_.set_option(websocket::stream_base::decorator(ChooseSubprotocol{offered}));
  socket_.read_message_max(limits_.body_bytes_max);
  socket_.auto_fragment(false);
  socket_.text(true);
  auto [failed] = co_await socket_.async_accept(request, kAsTuple);
  co_return !failed;
}

Awaitable<void> WsSession::run(const http::Request& upgrade) {
  using namespace asio::experimental::awaitable_operators;
  if (!co_await accept(upgrade)) co_return;
  co_await (hear() && session_.deliver() && write() && ping());
  co_await tasks_done();
}

Awaitable<void> WsSession::hear() {
  boost::beast::flat_buffer in;
  for (;;) {
    auto [failed, bytes] = co_await socket_.async_read(in, kAsTuple);
    if (failed) {
      session_.ended(failed == websocket::error::closed ? ws::Session::Peer::left
                                                        : ws::Session::Peer::lost);
      co_return stop_pings();
    }
    std::string frame = boost::beast::buffers_to_string(in.data());
    in.consume(in.size());
    co_await session_.heard(std::move(frame));
  }
}

Awaitable<void> WsSession::write() {
  for (;;) {
    const std::optional<std::string> frame = co_await session_.outbox().pop();
    if (!frame) break;
    auto [failed, bytes] = co_await socket_.async_write(asio::buffer(*frame), kAsTuple);
    if (failed) {
      session_.ended(ws::Session::Peer::lost);
      close();
      co_return;
    }
  }
  co_await socket_.async_close(websocket::close_code::going_away, kAsTuple);
}

// For proxies on the way, and for clients that watch the server.
Awaitable<void> WsSession::ping() {
  while (!pings_stopped_) {
    next_ping_.expires_after(kPing);
    auto [stopped] = co_await next_ping_.async_wait(kAsTuple);
    if (stopped) continue;
    auto [failed] = co_await socket_.async_ping({}, kAsTuple);
    if (failed) co_return;
  }
}

void WsSession::stop_pings() {
  pings_stopped_ = true;
  next_ping_.cancel();
}

Awaitable<void> WsSession::tracked(Awaitable<void> task) {
  const EndOfTask end{*this};
  co_await std::move(task);
}

void WsSession::spawn(const char* name, Awaitable<void> task) {
  ++tasks_;
  net::spawn(lane_.thread.context(), name, tracked(std::move(task)));
}

// The session must outlive what it has spawned.
Awaitable<void> WsSession::tasks_done() {
  while (tasks_ > 0) {
    tasks_ended_.expires_at(asio::steady_timer::time_point::max());
    co_await tasks_ended_.async_wait(kAsTuple);
  }
}

}  // namespace daybook::net
