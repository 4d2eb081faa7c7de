// One WebSocket connection (RFC 6455): the socket of a ws::Session. Three loops on one io thread:
// one hears frames, one delivers events, one writes what is queued.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "daemon/net/connection.h"
#include "daemon/net/server.h"
#include "protocol/http/message.h"
#include "protocol/ws/session.h"

namespace daybook::net {

class WsSession final : public Connection, private ws::TaskOwner {
 public:
  WsSession(Socket socket, Lane& lane, Backend& backend, const Limits& limits);
  ~WsSession() override;

  // Accepts the upgrade and serves until either side closes.
  Awaitable<void> run(const http::Request& upgrade);

  void stop() override;
  void close() override;

 private:
  struct EndOfTask;
  Awaitable<bool> accept(const http::Request& upgrade);
  Awaitable<void> hear();
  Awaitable<void> write();
  Awaitable<void> ping();
  void stop_pings();
  Awaitable<void> tracked(Awaitable<void> task);
  Awaitable<void> tasks_done();
  void spawn(const char* name, Awaitable<void> task) override;

  Lane& lane_;
  const Connections::Place place_;
  const Limits limits_;
  boost::beast::websocket::stream<Socket> socket_;
  ws::Session session_;
  bool pings_stopped_ = false;
  boost::asio::steady_timer next_ping_;
  std::size_t tasks_ = 0;
  boost::asio::steady_timer tasks_ended_;
};

}  // namespace daybook::net
