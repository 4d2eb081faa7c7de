#include "replication/postgres/session.h"

#include <utility>

namespace daybook::postgres {

namespace asio = boost::asio;

SqlError closed_error() {
  return {{}, "the connection to PostgreSQL is closed"};
}

void Connection::Session::close() {
  socket.release();
  handle.reset();
}

SqlError Connection::Session::give_up() {
  SqlError why = error_of(handle.get());
  close();
  return why;
}

asio::awaitable<SqlResult<void>> Connection::Session::connect() {
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  if (PQstatus(handle.get()) == CONNECTION_BAD) next = PGRES_POLLING_FAILED;
  while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
    // Each poll may close the socket and go on with another.
    socket.watch(PQsocket(handle.get()));
    bool ready = false;
    if (next == PGRES_POLLING_READING)
      ready = co_await socket.readable();
    else
      ready = co_await socket.writable();
    if (!ready) co_return closed_error();
    socket.release();
    next = PQconnectPoll(handle.get());
  }
  if (next != PGRES_POLLING_OK) co_return give_up();
  peer = peer_of(handle.get());
  PQsetnonblocking(handle.get(), 1);
  socket.watch(PQsocket(handle.get()));
  co_return SqlResult<void>();
}

void Connection::Session::expire(std::uint64_t attempt_then, std::chrono::milliseconds limit) {
  if (attempt_then != attempt || !handle) return;
  expired = {{},
             "connection to " + peer_of(handle.get()) + " failed: not ready within " +
                 std::to_string(limit.count()) + " ms"};
  close();
}

asio::awaitable<SqlResult<Rows>> Connection::Session::answer(int sent) {
  if (sent != 1) co_return give_up();
  const bool flushed = co_await flush();
  if (!flushed) co_return closed_error();
  co_return co_await read_answers();
}

asio::awaitable<SqlResult<void>> Connection::Session::finish(int sent) {
  const SqlResult<Rows> answered = co_await answer(sent);
  if (!answered) co_return answered.error();
  co_return SqlResult<void>();
}

asio::awaitable<bool> Connection::Session::flush() {
  while (PQflush(handle.get()) > 0) {
    const bool ready = co_await socket.readable_or_writable();
    if (!ready) co_return false;
    PQconsumeInput(handle.get());
  }
  co_return true;
}

// Of a lost connection PQgetResult says so at once, after what the server has still said.
asio::awaitable<bool> Connection::Session::wait_for_answer() {
  while (PQisBusy(handle.get()) != 0 && PQstatus(handle.get()) != CONNECTION_BAD) {
    const bool ready = co_await socket.readable();
    if (!ready) co_return false;
    PQconsumeInput(handle.get());
  }
  co_return true;
}

asio::awaitable<SqlResult<Rows>> Connection::Session::read_answers() {
  std::shared_ptr<const Rows::Answer> last;
  std::optional<SqlError> failed;
  for (;;) {
    const bool there = co_await wait_for_answer();
    if (!there) co_return closed_error();
    auto answer = std::make_shared<const Rows::Answer>(PQgetResult(handle.get()));
    const PGresult* result = answer->result.get();
    if (result == nullptr) break;
    if (is_failure(result) && !failed) failed = error_of(result);
    last = std::move(answer);
    if (PQresultStatus(result) == PGRES_COPY_IN) break;
  }
  if (!last) failed = error_of(handle.get());
  if (PQstatus(handle.get()) == CONNECTION_BAD) close();
  if (failed) co_return std::move(*failed);
  co_return Rows(std::move(last));
}

asio::awaitable<SqlResult<void>> Connection::Session::read_pipeline() {
  std::optional<SqlError> failed;
  for (bool is_over = false; !is_over;) {
    const bool there = co_await wait_for_answer();
    if (!there) co_return closed_error();
    const Rows::Answer answer(PQgetResult(handle.get()));
    const PGresult* result = answer.result.get();
    // libpq gives nothing between two answers, and nothing more once the connection is lost.
    const bool is_lost = result == nullptr && PQstatus(handle.get()) == CONNECTION_BAD;
    is_over = is_lost || PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    if (failed) continue;
    if (is_lost)
      failed = error_of(handle.get());
    else if (result != nullptr && is_failure(result))
      failed = error_of(result);
  }
  PQexitPipelineMode(handle.get());
  if (PQstatus(handle.get()) == CONNECTION_BAD) close();
  if (failed) co_return std::move(*failed);
  co_return SqlResult<void>();
}

}  // namespace daybook::postgres
