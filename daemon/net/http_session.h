// One HTTP/1.1 connection: reads requests one after the other, pipelined ones too, and answers in
// order. An upgrade to WebSocket hands the socket over.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>
#include <string>

#include "daemon/net/connection.h"
#include "daemon/net/server.h"
#include "protocol/http/message.h"

namespace daybook::net {

class HttpSession final : public Connection {
 public:
  HttpSession(Socket socket, Lane& lane, Server& server);
  ~HttpSession() override;

  Awaitable<void> run();

  void stop() override;
  void close() override;

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  // What became of reading a request.
  enum class Read : std::uint8_t { whole, ended, refused };
  Awaitable<Read> read_request();
  Awaitable<bool> read_more();
  Awaitable<bool> send_continue_if_expected();
  Read parse();
  void refuse(const boost::system::error_code& why);

  // False: the connection ends.
  Awaitable<bool> answer();
  Awaitable<http::Response> respond(const http::Settings& settings);
  Awaitable<bool> send_stream(http::Response response, bool keep_alive);
  Awaitable<bool> flush();
  bool wants_websocket() const;
  Awaitable<void> become_websocket();

  Socket socket_;
  Lane& lane_;
  Server& server_;
  const Connections::Place place_;
  boost::beast::flat_buffer in_;
  std::optional<Parser> parser_;
  http::Request request_;
  std::string out_;
  bool keep_alive_ = true;  // as the request asks
  bool continue_sent_ = false;
  bool idle_ = true;  // between requests
  bool stopping_ = false;
};

// Owns the session for as long as it runs.
Awaitable<void> serve_http(std::unique_ptr<HttpSession> session);

}  // namespace daybook::net
