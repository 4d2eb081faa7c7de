// Blocking calls over Beast's asynchronous ones. One read is always pending once asked for: Beast
// cannot give up a read without giving up the connection, so a time-out leaves it to go on.
#include "protocol/client/ws_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>

namespace daybook::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

}  // namespace

class WsClient::Connection {
 public:
  Result<void> open(const Url& url, std::string_view target, const Headers& headers,
                    Milliseconds timeout) {
    error_code failed;
    asio::ip::tcp::resolver resolver(io_);
    const auto found = resolver.resolve(url.host, url.port, failed);
    beast::tcp_stream& socket = stream_.next_layer();
    timeout_ = timeout;
    if (!failed) failed = wait([&](auto done) { socket.async_connect(found, done); });
    if (failed) return broken(failed);
    socket.socket().set_option(asio::ip::tcp::no_delay(true), failed);

    websocket::response_type answer;
    stream_.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
      for (const auto& [name, value] : headers) request.set(name, value);
    }));
    failed = wait([&](auto done) {
      stream_.async_handshake(answer, url.authority(), std::string(target), done);
    });
    if (failed == websocket::error::upgrade_declined)
      return Error{Errc::io_failed, std::to_string(answer.result_int()) + ' ' + answer.body()};
    if (failed) return broken(failed);
    stream_.read_message_max(0);  // 0: no bound; the server has its own
    return {};
  }

  Result<void> send(std::string_view bytes, bool is_text) {
    stream_.text(is_text);
    const error_code failed =
        wait([&](auto done) { stream_.async_write(asio::buffer(bytes), done); });
    if (failed) return broken(failed);
    return {};
  }

  Result<std::optional<std::string>> receive(Milliseconds timeout) {
    if (!is_reading_) start_reading();
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!has_read_ && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_one_until(deadline);
    }
    if (!has_read_) return std::optional<std::string>();
    is_reading_ = has_read_ = false;
    if (read_failed_) return broken(read_failed_);
    std::string message = beast::buffers_to_string(buffer_.data());
    buffer_.clear();
    return std::optional(std::move(message));
  }

  Result<void> close() {
    const error_code failed =
        wait([&](auto done) { stream_.async_close(websocket::close_code::normal, done); });
    if (failed && failed != websocket::error::closed) return broken(failed);
    return {};
  }

  unsigned close_code() const { return stream_.reason().code; }

 private:
  void start_reading() {
    is_reading_ = true;
    stream_.async_read(buffer_, [this](error_code ec, std::size_t) {
      read_failed_ = ec;
      has_read_ = true;
    });
  }

  // Runs until this one operation is over; a pending read may end meanwhile and is kept.
  template <class Start>
  error_code wait(Start start) {
    std::optional<error_code> result;
    start([&result](error_code ec, auto&&...) { result = ec; });
    const auto deadline = std::chrono::steady_clock::now() + timeout_;
    while (!result) {
      io_.restart();
      if (io_.run_one_until(deadline) == 0) {
        stream_.next_layer().close();  // Ends the operation, whose handler refers to `result`.
        while (!result && (io_.restart(), io_.run_one() > 0)) {
        }
        return beast::error::timeout;
      }
    }
    return *result;
  }

  Error broken(error_code failed) const {
    if (failed == websocket::error::closed || failed == asio::error::eof ||
        failed == asio::error::connection_reset)
      return Error{Errc::shutting_down, "the daemon closed the connection"};
    return Error{Errc::io_failed, failed.message()};
  }

  asio::io_context io_{1};
  websocket::stream<beast::tcp_stream> stream_{io_};
  beast::flat_buffer buffer_;
  Milliseconds timeout_{};
  error_code read_failed_;
  bool is_reading_ = false;
  bool has_read_ = false;
};

WsClient::WsClient(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
WsClient::~WsClient() = default;
WsClient::WsClient(WsClient&&) noexcept = default;
WsClient& WsClient::operator=(WsClient&&) noexcept = default;

Result<WsClient> WsClient::connect(const Url& url, std::string_view target, const Headers& headers,
                                   Milliseconds timeout) {
  auto connection = std::make_unique<Connection>();
  if (auto opened = connection->open(url, target, headers, timeout); !opened) return opened.error();
  return WsClient(std::move(connection));
}

Result<void> WsClient::send(std::string_view text) {
  return connection_->send(text, true);
}
Result<void> WsClient::send_binary(std::string_view bytes) {
  return connection_->send(bytes, false);
}
Result<std::optional<std::string>> WsClient::receive(Milliseconds timeout) {
  return connection_->receive(timeout);
}
Result<void> WsClient::close() {
  return connection_->close();
}
unsigned WsClient::close_code() const {
  return connection_->close_code();
}

}  // namespace daybook::client
