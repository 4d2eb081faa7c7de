#include "replication/redis/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "replication/tls/handshake.h"
#include "replication/tls/trust.h"

namespace daybook::redis {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

using TlsStream = asio::ssl::stream<tcp::socket&>;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = 16 << 10;

// A peer that is gone without a word is found within a minute, also where only messages are
// awaited.
void keep_alive(tcp::socket& socket) {
  error_code ignored;  // Slower or later without them, no more.
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const std::array<std::pair<int, int>, 3> options{
      {{TCP_KEEPIDLE, 30}, {TCP_KEEPINTVL, 10}, {TCP_KEEPCNT, 3}}};
  for (const auto& [name, value] : options)
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, name, &value, sizeof value);
}

std::string trouble(error_code code) {
  const bool ended = code == asio::error::eof || code == asio::ssl::error::stream_truncated;
  return ended ? "it closed the connection" : code.message();
}

bool is_ip_address(const std::string& host) {
  error_code failed;
  asio::ip::make_address(host, failed);
  return !failed;
}

std::string command(std::initializer_list<std::string_view> words) {
  std::string out;
  append_command(out, {words.begin(), words.size()});
  return out;
}

// This user may not, or this server cannot.
bool is_not_offered(const Reply& reply) {
  return reply.kind == Reply::Kind::error &&
         (reply.text.starts_with("NOPERM") || reply.text.starts_with("ERR unknown command"));
}

}  // namespace

// Whoever is under way shares it, so that the connection may be destroyed in between.
struct Connection::Session : std::enable_shared_from_this<Session> {
  Session(const asio::any_io_executor& executor, ConnectionSettings with)
      : settings(std::move(with)), resolver(executor), socket(executor), timer(executor) {}

  // Ends what is under way; the first reason is the one that is told.
  void end(const std::string& why);
  Error failure() const;
  Error refusal(const std::string& words) const;  // of the server

  // While one lives, what is under way has to be done within `timeout`; where `of_silence`, may be
  // silent for so long.
  struct Watched {
    std::shared_ptr<Session> session;
    ~Watched();
  };
  [[nodiscard]] Watched watch(milliseconds timeout, bool of_silence);
  void arm();

  asio::awaitable<bool> connect();
  asio::awaitable<bool> shake_hands();
  asio::awaitable<Result<void>> greet();
  asio::awaitable<Result<void>> authenticate();
  asio::awaitable<Result<void>> check_primary();

  asio::awaitable<bool> send(std::string_view bytes);
  asio::awaitable<bool> fill();
  asio::awaitable<Result<Reply>> next();
  // An error reply is a reply, too.
  asio::awaitable<Result<Reply>> request(std::string command);
  asio::awaitable<bool> skip(std::size_t replies, std::string& first_error);

  const ConnectionSettings settings;
  tcp::resolver resolver;
  tcp::socket socket;
  std::shared_ptr<const Trust> trust;  // of `tls`
  std::optional<TlsStream> tls;
  std::optional<ReplyReader> reader;
  std::array<char, kReadBytes> room{};
  std::string ended = "not connected";  // empty: it has not

  asio::steady_timer timer;
  milliseconds timeout{};
  steady_clock::time_point deadline;
  bool watching = false;
  bool of_silence = false;
};

void Connection::Session::end(const std::string& why) {
  if (ended.empty()) ended = why;
  resolver.cancel();
  error_code ignored;
  socket.close(ignored);
}

Error Connection::Session::failure() const {
  return {Errc::io_failed, settings.url.shown() + ": " + ended};
}

Error Connection::Session::refusal(const std::string& words) const {
  return {Errc::io_failed, settings.url.shown() + ": " + words};
}

Connection::Session::Watched Connection::Session::watch(milliseconds within, bool silence) {
  timeout = within;
  of_silence = silence;
  deadline = steady_clock::now() + timeout;
  watching = true;
  arm();
  return {shared_from_this()};
}

Connection::Session::Watched::~Watched() {
  session->watching = false;
  session->timer.cancel();
}

void Connection::Session::arm() {
  timer.expires_at(deadline);
  timer.async_wait([self = shared_from_this()](error_code cancelled) {
    if (cancelled || !self->watching) return;
    if (steady_clock::now() < self->deadline) return self->arm();
    self->end("no answer for " + std::to_string(self->timeout.count()) + " ms");
  });
}

asio::awaitable<bool> Connection::Session::connect() {
  const std::string port = std::to_string(settings.url.port);
  auto [unknown, found] = co_await resolver.async_resolve(settings.url.host, port, kAsTuple);
  if (unknown) end("the host cannot be resolved: " + trouble(unknown));
  if (!ended.empty()) co_return false;  // It may have been closed meanwhile.
  auto [refused, endpoint] = co_await asio::async_connect(socket, found, kAsTuple);
  if (refused) end(trouble(refused));
  if (!ended.empty()) co_return false;
  keep_alive(socket);
  co_return true;
}

asio::awaitable<bool> Connection::Session::shake_hands() {
  auto opened = Trust::open(settings.ca_file);
  if (!opened) {
    end("the file of certificates is " + opened.error().detail);
    co_return false;
  }
  trust = std::move(*opened);
  tls.emplace(socket, trust->context());
  const std::string& host = settings.url.host;
  if (!expect_host(tls->native_handle(), host, is_ip_address(host))) {
    end("no certificate can be for this host");
    co_return false;
  }
  auto [refused] = co_await tls->async_handshake(TlsStream::client, kAsTuple);
  if (refused) end(handshake_trouble(tls->native_handle(), refused));
  co_return !refused;
}

asio::awaitable<Result<void>> Connection::Session::greet() {
  const Result<void> known = co_await authenticate();
  if (!known) co_return known.error();
  if (settings.url.database != 0) {
    std::string select = command({"SELECT", std::to_string(settings.url.database)});
    const Result<Reply> selected = co_await request(std::move(select));
    if (!selected) co_return selected.error();
    if (selected->kind == Reply::Kind::error) co_return refusal(selected->text);
  }
  std::string set_name = command({"CLIENT", "SETNAME", "daybook"});
  const Result<Reply> named = co_await request(std::move(set_name));
  if (!named) co_return named.error();
  if (named->kind == Reply::Kind::error && !is_not_offered(*named)) co_return refusal(named->text);
  co_return co_await check_primary();
}

// Of a refusal only the first word is told: some servers quote the command, password and all.
asio::awaitable<Result<void>> Connection::Session::authenticate() {
  const Url& url = settings.url;
  if (url.user.empty() && url.password.empty()) co_return Result<void>();
  std::string auth = url.user.empty() ? command({"AUTH", url.password})
                                      : command({"AUTH", url.user, url.password});
  const Result<Reply> reply = co_await request(std::move(auth));
  if (!reply) co_return reply.error();
  if (reply->kind != Reply::Kind::error) co_return Result<void>();
  const std::string& text = reply->text;
  const bool is_wrong = text.starts_with("WRONGPASS");
  co_return Error{Errc::io_failed,
                  url.shown() + (is_wrong ? ": WRONGPASS, the user or the password is another"
                                          : ": AUTH is refused; does it ask for a password?")};
}

asio::awaitable<Result<void>> Connection::Session::check_primary() {
  std::string role = command({"ROLE"});
  const Result<Reply> reply = co_await request(std::move(role));
  if (!reply) co_return reply.error();
  if (is_not_offered(*reply)) co_return Result<void>();
  if (reply->kind != Reply::Kind::array || reply->elements.empty()) co_return refusal(reply->text);
  const std::string& name = reply->elements[0].text;
  if (name == "master") co_return Result<void>();
  co_return Error{Errc::io_failed, settings.url.shown() + " is no primary (its role is " + name +
                                       "): what is published there reaches its own subscribers " +
                                       "alone"};
}

asio::awaitable<bool> Connection::Session::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto buffer = asio::buffer(bytes);
    error_code failed;
    std::size_t sent = 0;
    if (tls)
      std::tie(failed, sent) = co_await tls->async_write_some(buffer, kAsTuple);
    else
      std::tie(failed, sent) = co_await socket.async_write_some(buffer, kAsTuple);
    if (failed) {
      end(trouble(failed));
      co_return false;
    }
    bytes.remove_prefix(sent);
    if (of_silence) deadline = steady_clock::now() + timeout;
  }
  co_return true;
}

// Reads what has come.
asio::awaitable<bool> Connection::Session::fill() {
  const auto buffer = asio::buffer(room);
  error_code failed;
  std::size_t size = 0;
  if (tls)
    std::tie(failed, size) = co_await tls->async_read_some(buffer, kAsTuple);
  else
    std::tie(failed, size) = co_await socket.async_read_some(buffer, kAsTuple);
  if (failed) {
    end(trouble(failed));
    co_return false;
  }
  if (of_silence) deadline = steady_clock::now() + timeout;
  reader->feed({room.data(), size});
  co_return true;
}

asio::awaitable<Result<Reply>> Connection::Session::next() {
  for (;;) {
    if (!ended.empty()) co_return failure();
    Result<std::optional<Reply>> taken = reader->take();
    if (!taken)
      end(taken.error().detail);
    else if (*taken)
      co_return std::move(**taken);
    else
      co_await fill();
  }
}

asio::awaitable<Result<Reply>> Connection::Session::request(std::string command) {
  const std::string_view bytes = command;
  if (!co_await send(bytes)) co_return failure();
  co_return co_await next();
}

asio::awaitable<bool> Connection::Session::skip(std::size_t replies, std::string& first_error) {
  while (replies > 0) {
    const Result<bool> whole = reader->skip(first_error);
    if (!whole) {
      end(whole.error().detail);
      co_return false;
    }
    if (*whole)
      --replies;
    else if (!co_await fill())
      co_return false;
  }
  co_return true;
}

Connection::Connection(const asio::any_io_executor& executor, ConnectionSettings settings)
    : session_(std::make_shared<Session>(executor, std::move(settings))) {}

Connection::~Connection() {
  close();
}

asio::awaitable<Result<void>> Connection::open() {
  Session& session = *session_;
  const auto watched = session.watch(session.settings.connect_timeout, false);
  session.tls.reset();
  session.reader.emplace();
  session.ended.clear();
  if (!co_await session.connect()) co_return session.failure();
  if (session.settings.url.tls && !co_await session.shake_hands()) co_return session.failure();
  const Result<void> greeted = co_await session.greet();
  if (!greeted) session.end("not connected");
  co_return greeted;
}

bool Connection::is_open() const {
  return session_->ended.empty();
}

void Connection::close() {
  session_->end("it was closed");
}

asio::awaitable<Result<void>> Connection::exchange(std::string_view commands, std::size_t replies) {
  using namespace asio::experimental::awaitable_operators;
  Session& session = *session_;
  if (!is_open()) co_return session.failure();
  const auto watched = session.watch(session.settings.answer_timeout, true);
  std::string first_error;
  auto writing = session.send(commands);
  auto reading = session.skip(replies, first_error);
  const auto [sent, read] = co_await (std::move(writing) && std::move(reading));
  if (!sent || !read) co_return session.failure();
  if (!first_error.empty()) co_return session.refusal(first_error);
  co_return Result<void>();
}

asio::awaitable<Result<Reply>> Connection::ask(std::span<const std::string_view> words) {
  Session& session = *session_;
  if (!is_open()) co_return session.failure();
  const auto watched = session.watch(session.settings.answer_timeout, true);
  std::string command;
  append_command(command, words);
  Result<Reply> reply = co_await session.request(std::move(command));
  if (reply && reply->kind == Reply::Kind::error) co_return session.refusal(reply->text);
  co_return reply;
}

asio::awaitable<Result<void>> Connection::check_primary() {
  if (!is_open()) co_return session_->failure();
  const auto watched = session_->watch(session_->settings.answer_timeout, true);
  co_return co_await session_->check_primary();
}

asio::awaitable<Result<Reply>> Connection::receive() {
  const std::shared_ptr<Session> session = session_;
  co_return co_await session->next();
}

}  // namespace daybook::redis
