#include "tests/replication/webhook/hook_server.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "replication/webhook/url.h"

namespace daybook::webhook {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

std::string answer(const std::string& status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct HookServer::Listening {
  explicit Listening(const char* address)
      : acceptor(io, tcp::endpoint(asio::ip::make_address(address), 0)),
        port(acceptor.local_endpoint().port()) {}
  asio::io_context io{1};
  tcp::acceptor acceptor;
  const std::uint16_t port;
  std::optional<asio::ssl::context> tls;
  bool closing = false;
  std::vector<int> sockets;  // that are open
};

HookServer::HookServer(Answering answering, std::optional<Identity> identity, const char* address)
    : answering_(std::move(answering)), listening_(std::make_unique<Listening>(address)) {
  if (identity) {
    auto& tls = listening_->tls.emplace(asio::ssl::context::tls_server);
    tls.use_certificate_chain(asio::buffer(identity->certificate));
    tls.use_private_key(asio::buffer(identity->key), asio::ssl::context::pem);
  }
  threads_.emplace_back(&HookServer::accept, this);
}

HookServer::~HookServer() {
  {
    const std::scoped_lock lock(mutex_);
    listening_->closing = true;
    for (const int socket : listening_->sockets) ::shutdown(socket, SHUT_RDWR);
    ::shutdown(listening_->acceptor.native_handle(), SHUT_RDWR);
  }
  threads_.front().join();  // No thread begins any more.
  for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
}

void HookServer::accept() {
  for (;;) {
    boost::system::error_code failed;
    tcp::socket socket = listening_->acceptor.accept(failed);
    const std::scoped_lock lock(mutex_);
    if (failed || listening_->closing) return;
    listening_->sockets.push_back(socket.native_handle());
    const std::size_t number = ++connections_;
    threads_.emplace_back([this, number, socket = std::move(socket)]() mutable {
      const int handle = socket.native_handle();
      if (listening_->tls) {
        asio::ssl::stream<tcp::socket&> stream(socket, *listening_->tls);
        boost::system::error_code refused;
        stream.handshake(asio::ssl::stream_base::server, refused);
        if (!refused) serve(stream, number);
      } else {
        serve(socket, number);
      }
      const std::scoped_lock held(mutex_);
      std::erase(listening_->sockets, handle);
      boost::system::error_code ignored;
      socket.close(ignored);
    });
  }
}

template <class Stream>
void HookServer::serve(Stream& stream, std::size_t connection) {
  boost::beast::flat_buffer buffer;
  for (;;) {
    boost::system::error_code failed;
    http::request<http::string_body> request;
    http::read(stream, buffer, request, failed);
    if (failed) return;
    Received received{.connection = connection,
                      .method = std::string(request.method_string()),
                      .target = std::string(request.target()),
                      .headers = {},
                      .body = std::move(request.body())};
    for (const auto& field : request)
      received.headers[lower_case({field.name_string().data(), field.name_string().size()})] =
          std::string(field.value());
    {
      const std::scoped_lock lock(mutex_);
      received_.push_back(received);
    }
    const std::string bytes = answering_(received);
    if (bytes.empty()) return;
    asio::write(stream, asio::buffer(bytes), failed);
    if (failed) return;
  }
}

std::uint16_t HookServer::port() const {
  return listening_->port;
}

std::string HookServer::url(const std::string& host) const {
  return (listening_->tls ? "https://" : "http://") + host + ':' + std::to_string(port()) + "/hook";
}

std::vector<Received> HookServer::received() const {
  const std::scoped_lock lock(mutex_);
  return received_;
}

std::size_t HookServer::connections() const {
  const std::scoped_lock lock(mutex_);
  return connections_;
}

void Gate::open() {
  const std::scoped_lock lock(mutex_);
  is_open_ = true;
  opened_.notify_all();
}

void Gate::wait() {
  std::unique_lock lock(mutex_);
  opened_.wait(lock, [this] { return is_open_; });
}

}  // namespace daybook::webhook
