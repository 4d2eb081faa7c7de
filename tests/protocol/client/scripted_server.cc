// Blocking Beast in a thread of its own.
#include "tests/protocol/client/scripted_server.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace daybook::testing {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

struct ScriptedServer::Listener {
  asio::io_context io;
  tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
};

ScriptedServer::ScriptedServer(Script script)
    : script_(std::move(script)),
      listener_(std::make_unique<Listener>()),
      thread_([this] { serve(); }) {}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_->acceptor.native_handle(), SHUT_RDWR);  // ends a blocking accept
  thread_.join();
}

std::string ScriptedServer::url() const {
  return "http://127.0.0.1:" + std::to_string(listener_->acceptor.local_endpoint().port());
}

std::vector<Asked> ScriptedServer::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

std::vector<std::string> ScriptedServer::lines() const {
  std::vector<std::string> out;
  for (const Asked& asked : asked()) out.push_back(asked.line);
  return out;
}

int ScriptedServer::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void ScriptedServer::serve() {
  std::size_t next = 0;
  while (next < script_.size()) {
    error_code failed;
    tcp::socket socket(listener_->io);
    listener_->acceptor.accept(socket, failed);
    if (failed) return;
    {
      const std::lock_guard lock(mutex_);
      ++connections_;
    }
    boost::beast::flat_buffer buffer;
    while (next < script_.size()) {
      http::request<http::string_body> request;
      http::read(socket, buffer, request, failed);
      if (failed) break;
      Asked asked{std::string(request.method_string()) + ' ' + std::string(request.target()),
                  request.body(), std::string(request[http::field::content_type]), {}};
      for (const auto& header : request)
        asked.headers.emplace_back(header.name_string(), header.value());
      {
        const std::lock_guard lock(mutex_);
        asked_.push_back(std::move(asked));
      }
      const Answer& answer = script_[next++];
      if (answer.drops) break;
      http::response<http::string_body> response{http::int_to_status(answer.status), 11};
      response.set(http::field::content_type, answer.content_type);
      for (const auto& [name, value] : answer.headers) response.set(name, value);
      response.keep_alive(!answer.closes);
      response.body() = answer.body;
      response.prepare_payload();
      http::write(socket, response, failed);
      if (failed || answer.closes) break;
    }
  }
}

}  // namespace daybook::testing
