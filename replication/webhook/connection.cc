#include "replication/webhook/connection.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>

#include "replication/tls/handshake.h"

namespace daybook::webhook {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

using TlsStream = asio::ssl::stream<beast::tcp_stream&>;
using Message = http::request<http::span_body<const char>>;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t kHeaderBytesMax = 16 << 10;

asio::ip::tcp::endpoint endpoint_of(const Address& address, std::uint16_t port) {
  return {asio::ip::make_address(address.to_string()), port};
}

Error failure(const char* what, error_code code) {
  const bool is_late = code == beast::error::timeout;
  return {Errc::io_failed,
          std::string(what) + ": " + (is_late ? std::string("timed out") : code.message())};
}

Error handshake_failure(SSL* ssl, error_code code) {
  if (code == beast::error::timeout) return failure("no TLS", code);
  return {Errc::io_failed, handshake_trouble(ssl, code)};
}

Message message_of(const Url& url, const Request& request) {
  Message message(http::verb::post, url.target, 11);
  message.set(http::field::host, url.authority());
  message.set(http::field::user_agent, "daybook");
  for (const auto& [name, value] : request.headers) message.set(name, value);
  message.body() = {request.body.data(), request.body.size()};
  message.prepare_payload();
  return message;
}

struct Exchanged {
  error_code failed;  // before the answer's headers were there
  bool was_answered = false;
  bool keep_alive = false;
  Answer answer;
};

// Interim answers (1xx) are passed over. The body is read for its beginning, and so that the
// connection can be used again: that it breaks off or is too long changes no answer.
template <class Stream>
asio::awaitable<Exchanged> exchange(Stream& stream, Message message) {
  Exchanged out;
  auto [unsent, sent] = co_await http::async_write(stream, message, kAsTuple);
  out.failed = unsent;
  beast::flat_buffer buffer;
  while (!out.failed) {
    http::response_parser<http::buffer_body> parser;
    parser.header_limit(kHeaderBytesMax);
    parser.body_limit(boost::none);
    auto [failed, read] = co_await http::async_read_header(stream, buffer, parser, kAsTuple);
    out.was_answered = out.was_answered || read > 0;
    out.failed = failed;
    auto& response = parser.get();
    if (failed || response.result_int() / 100 == 1) continue;
    out.answer.status = response.result_int();
    out.answer.phrase = response.reason();
    out.answer.retry_after = response[http::field::retry_after];
    out.answer.body.resize(answer_bytes_max);
    response.body().data = out.answer.body.data();
    response.body().size = out.answer.body.size();
    if (!parser.is_done()) co_await http::async_read(stream, buffer, parser, kAsTuple);
    out.answer.body.resize(answer_bytes_max - response.body().size);
    out.keep_alive = parser.is_done() && parser.keep_alive() && buffer.size() == 0;
    break;
  }
  co_return out;
}

}  // namespace

struct Connection::Streams {
  Streams(const asio::any_io_executor& executor, Url to, const Address& at)
      : url(std::move(to)), address(at), tcp(executor) {}

  const Url url;
  const Address address;
  std::shared_ptr<const Trust> trust;  // of `tls`
  beast::tcp_stream tcp;
  std::optional<TlsStream> tls;
  bool was_answered = false;
};

Connection::Connection(const asio::any_io_executor& executor, Url url, Address address)
    : streams_(std::make_unique<Streams>(executor, std::move(url), address)) {}

Connection::~Connection() = default;

asio::awaitable<Result<void>> Connection::open(std::shared_ptr<const Trust> trust,
                                               Moment deadline) {
  Streams& to = *streams_;
  to.tcp.expires_at(deadline);
  const auto endpoint = endpoint_of(to.address, to.url.port);
  auto [unconnected] = co_await to.tcp.async_connect(endpoint, kAsTuple);
  if (unconnected) co_return failure("cannot be reached", unconnected);
  error_code ignored;  // Slower without it, no more.
  to.tcp.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  if (!to.url.tls) co_return Result<void>();

  to.trust = std::move(trust);
  to.tls.emplace(to.tcp, to.trust->context());
  if (!expect_host(to.tls->native_handle(), to.url.host, to.url.address.has_value()))
    co_return Error{Errc::io_failed, "no certificate can be for this host"};
  auto [refused] = co_await to.tls->async_handshake(TlsStream::client, kAsTuple);
  if (refused) co_return handshake_failure(to.tls->native_handle(), refused);
  co_return Result<void>();
}

asio::awaitable<Result<Answer>> Connection::post(const Request& request, Moment deadline) {
  Streams& to = *streams_;
  to.tcp.expires_at(deadline);
  Message message = message_of(to.url, request);
  Exchanged done;
  if (to.tls)
    done = co_await exchange(*to.tls, std::move(message));
  else
    done = co_await exchange(to.tcp, std::move(message));
  to.was_answered = done.was_answered;
  if (done.failed || !done.keep_alive) close();
  if (done.failed) co_return failure("no answer", done.failed);
  co_return std::move(done.answer);
}

bool Connection::was_answered() const {
  return streams_->was_answered;
}

// An endpoint closes connections that idle, and says nothing on one that was not asked.
bool Connection::is_reusable() const {
  auto& socket = streams_->tcp.socket();
  char byte = 0;
  return socket.is_open() &&
         ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

const Address& Connection::address() const {
  return streams_->address;
}

void Connection::close() {
  streams_->tcp.close();
}

}  // namespace daybook::webhook
