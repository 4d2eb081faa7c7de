#include "replication/postgres/connection.h"

#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "replication/postgres/session.h"
#include "replication/postgres/target.h"

namespace daybook::postgres {
namespace {

namespace asio = boost::asio;

// How much libpq is given before it is sent: it moves all that it holds whenever it sends a part.
constexpr std::size_t kPieceBytes = 64 << 10;
constexpr int kAsText = 0;

// Whatever the user, the database and the environment have set.
constexpr const char* kSettings =
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET statement_timeout = 0";

void ignore_notice(void* /*unused*/, const PGresult* /*unused*/) {}

// As libpq takes parameters. Views of them, which live as long.
std::vector<const char*> values_of(const std::vector<Parameter>& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const Parameter& parameter : parameters)
    values.push_back(parameter ? parameter->c_str() : nullptr);
  return values;
}

// Text of libpq ends at a zero byte, which PostgreSQL's text cannot hold.
std::optional<SqlError> refuse(const std::vector<Parameter>& parameters) {
  for (const Parameter& parameter : parameters)
    if (parameter && parameter->find('\0') != std::string::npos)
      return SqlError{"22021", "a parameter has a zero byte, which text in PostgreSQL cannot hold"};
  return std::nullopt;
}

std::size_t bytes_of(const Execution& execution) {
  std::size_t bytes = execution.statement.size() + 32;
  for (const Parameter& parameter : execution.parameters)
    bytes += parameter ? parameter->size() : 0;
  return bytes;
}

int count_of(const std::vector<const char*>& values) {
  return static_cast<int>(values.size());
}

}  // namespace

Connection::Connection(const asio::any_io_executor& executor, std::string target)
    : session_(std::make_shared<Session>(executor, std::move(target))) {}

Connection::~Connection() {
  session_->close();
}

asio::awaitable<SqlResult<void>> Connection::open(std::chrono::milliseconds timeout) {
  const auto session = session_;
  session->close();
  if (const auto checked = check_target(session->target); !checked)
    co_return SqlError{{}, checked.error().detail};
  session->handle = begin_to_connect(session->target);
  PQsetNoticeReceiver(session->handle.get(), ignore_notice, nullptr);

  session->expired.reset();
  const auto limit = connect_timeout(session->handle.get()).value_or(timeout);
  asio::steady_timer timer(session->executor, limit);
  timer.async_wait([weak = std::weak_ptr(session), attempt = ++session->attempt,
                    limit](boost::system::error_code cancelled) {
    if (const auto late = cancelled ? nullptr : weak.lock()) late->expire(attempt, limit);
  });
  SqlResult<void> opened = co_await session->connect();
  if (opened) {
    const int sent = PQsendQuery(session->handle.get(), kSettings);
    opened = co_await session->finish(sent);
  }
  ++session->attempt;
  if (!opened) session->close();
  if (session->expired) co_return *session->expired;
  co_return opened;
}

bool Connection::is_open() const {
  return PQstatus(session_->handle.get()) == CONNECTION_OK;
}

void Connection::close() {
  session_->close();
}

asio::awaitable<SqlResult<Rows>> Connection::execute(std::string sql,
                                                     std::vector<Parameter> parameters) {
  const auto session = session_;
  if (!is_open()) co_return closed_error();
  if (auto refused = refuse(parameters)) co_return std::move(*refused);
  const std::vector<const char*> values = values_of(parameters);
  const int sent = PQsendQueryParams(session->handle.get(), sql.c_str(), count_of(values), nullptr,
                                     values.data(), nullptr, nullptr, kAsText);
  co_return co_await session->answer(sent);
}

asio::awaitable<SqlResult<void>> Connection::run(std::string sql) {
  const auto session = session_;
  if (!is_open()) co_return closed_error();
  const int sent = PQsendQuery(session->handle.get(), sql.c_str());
  co_return co_await session->finish(sent);
}

asio::awaitable<SqlResult<void>> Connection::prepare(std::string name, std::string sql) {
  const auto session = session_;
  if (!is_open()) co_return closed_error();
  const int sent = PQsendPrepare(session->handle.get(), name.c_str(), sql.c_str(), 0, nullptr);
  co_return co_await session->finish(sent);
}

asio::awaitable<SqlResult<void>> Connection::execute_all(std::span<const Execution> executions) {
  const auto session = session_;
  if (!is_open()) co_return closed_error();
  for (const Execution& execution : executions)
    if (auto refused = refuse(execution.parameters)) co_return std::move(*refused);

  PQenterPipelineMode(session->handle.get());
  std::size_t unsent_bytes = 0;
  for (const Execution& execution : executions) {
    const std::vector<const char*> values = values_of(execution.parameters);
    if (PQsendQueryPrepared(session->handle.get(), std::string(execution.statement).c_str(),
                            count_of(values), values.data(), nullptr, nullptr, kAsText) != 1)
      co_return session->give_up();
    unsent_bytes += bytes_of(execution);
    if (unsent_bytes < kPieceBytes) continue;
    const bool flushed = co_await session->flush();
    if (!flushed) co_return closed_error();
    unsent_bytes = 0;
  }
  if (PQpipelineSync(session->handle.get()) != 1) co_return session->give_up();
  const bool flushed = co_await session->flush();
  if (!flushed) co_return closed_error();
  co_return co_await session->read_pipeline();
}

asio::awaitable<SqlResult<void>> Connection::begin_copy(std::string sql) {
  return run(std::move(sql));
}

asio::awaitable<SqlResult<void>> Connection::put_copy(std::string_view bytes) {
  const auto session = session_;
  if (!is_open()) co_return closed_error();
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPieceBytes);
    bytes.remove_prefix(piece.size());
    const int put =
        PQputCopyData(session->handle.get(), piece.data(), static_cast<int>(piece.size()));
    if (put != 1) co_return session->give_up();
    const bool flushed = co_await session->flush();
    if (!flushed) co_return closed_error();
    if (PQstatus(session->handle.get()) == CONNECTION_BAD) co_return session->give_up();
  }
  co_return SqlResult<void>();
}

asio::awaitable<SqlResult<void>> Connection::end_copy() {
  const auto session = session_;
  if (!is_open()) co_return closed_error();
  const int sent = PQputCopyEnd(session->handle.get(), nullptr);
  co_return co_await session->finish(sent);
}

std::string Connection::peer() const {
  return session_->peer;
}

std::string_view Connection::server_parameter(const std::string& name) const {
  const char* value = PQparameterStatus(session_->handle.get(), name.c_str());
  return value == nullptr ? std::string_view() : value;
}

}  // namespace daybook::postgres
