#include "replication/postgres/generations.h"
#include "replication/postgres/projection_session.h"
#include "replication/postgres/projection_sink.h"
#include "replication/postgres/transaction.h"

namespace daybook::postgres {

using boost::asio::awaitable;

struct LiveSink::Session : ProjectionSession {
  Session(const boost::asio::any_io_executor& executor, ProjectionSettings of,
          std::shared_ptr<ProjectionCounts> shown, std::function<void()> to_build)
      : ProjectionSession(executor, of, of.name, std::move(shown)), build(std::move(to_build)) {}

  awaitable<Result<Offset>> open();
  awaitable<Result<void>> create();
  awaitable<SqlResult<bool>> create_tables(Generation generation);
  awaitable<Result<void>> drop_leftovers();
  awaitable<SqlResult<bool>> drop_leftover(Generation generation);
  void ask_for_build();

  const std::function<void()> build;
  std::optional<Generation> asked;  // to build the one after this
};

LiveSink::LiveSink(const boost::asio::any_io_executor& executor, ProjectionSettings settings,
                   std::shared_ptr<ProjectionCounts> counts, std::function<void()> build)
    : session_(std::make_unique<Session>(executor, std::move(settings), std::move(counts),
                                         std::move(build))) {}

LiveSink::~LiveSink() = default;

Sink::Wants LiveSink::wants() const {
  return {.filter = session_->tables->filter(), .page_events = session_->settings.page_events};
}

awaitable<Result<Offset>> LiveSink::open() {
  Result<Offset> opened = co_await session_->open();
  if (session_->tables_are_lost) session_->ask_for_build();
  co_return opened;
}

awaitable<Result<void>> LiveSink::write(const Page& page) {
  Result<void> written = co_await session_->write(page);
  if (session_->tables_are_lost) session_->ask_for_build();
  co_return written;
}

awaitable<Result<Sink::Rest>> LiveSink::caught_up() {
  const Result<std::optional<std::chrono::milliseconds>> again = co_await session_->flush();
  if (!again) co_return again.error();
  co_return Rest{.again = *again};
}

void LiveSink::close() {
  session_->connection.close();
}

awaitable<Result<Offset>> LiveSink::Session::open() {
  const Result<void> connected = co_await connect();
  if (!connected) co_return connected.error();
  const Result<std::optional<Checkpoint>> found =
      co_await find_own_checkpoint(connection, settings, row);
  if (!found) co_return found.error();
  if (!*found && another_has_row)
    co_return Error{Errc::not_found, "the daemon that posted has dropped \"" + row +
                                         "\": declare it again, or start this daemon anew"};
  if (!*found) {
    const Result<void> created = co_await create();
    if (!created) co_return created.error();
  }
  const Result<Offset> begun = co_await begin();
  if (!begun) co_return begun.error();
  if (checkpoint.definition != settings.definition) ask_for_build();
  const Result<void> dropped = co_await drop_leftovers();
  if (!dropped) co_return dropped.error();
  co_return begun;
}

awaitable<Result<void>> LiveSink::Session::create() {
  Result<std::unique_ptr<TableSet>> made = settings.make_tables(settings.definition);
  if (!made) co_return made.error();
  tables = *std::move(made);
  const SqlResult<Generation> generation = co_await find_free_generation(connection, *tables);
  if (!generation) co_return to_error(generation.error());
  awaitable<SqlResult<bool>> body = create_tables(*generation);
  const SqlResult<bool> created = co_await in_transaction(connection, std::move(body));
  if (!created) co_return to_error(created.error());
  co_return Result<void>();
}

awaitable<SqlResult<bool>> LiveSink::Session::create_tables(Generation generation) {
  const SqlResult<void> created = co_await tables->create(connection, generation, false);
  if (!created) co_return created.error();
  const SqlResult<void> shown = co_await tables->show(connection, generation);
  if (!shown) co_return shown.error();
  Checkpoint first{
      .generation = generation, .log_id = settings.log_id, .definition = settings.definition};
  const SqlResult<void> put = co_await put_checkpoint(connection, row, std::move(first));
  if (!put) co_return put.error();
  co_return true;
}

awaitable<Result<void>> LiveSink::Session::drop_leftovers() {
  std::string builds = build_row(settings.name);
  const SqlResult<std::optional<Checkpoint>> building =
      co_await find_checkpoint(connection, std::move(builds));
  if (!building) co_return to_error(building.error());
  for (Generation old = oldest_leftover(checkpoint.generation); old < checkpoint.generation;
       ++old) {
    if (*building && (*building)->generation == old) continue;
    const SqlResult<bool> exists = co_await tables->exists(connection, old);
    if (!exists) co_return to_error(exists.error());
    if (!*exists) continue;
    // Where somebody still reads them it fails, and is for the next time.
    awaitable<SqlResult<bool>> body = drop_leftover(old);
    const SqlResult<bool> dropped = co_await in_transaction(connection, std::move(body));
    if (!dropped && !connection.is_open()) co_return to_error(dropped.error());
  }
  co_return Result<void>();
}

awaitable<SqlResult<bool>> LiveSink::Session::drop_leftover(Generation generation) {
  const SqlResult<void> limited = co_await limit_lock_wait(connection, kLockWait);
  if (!limited) co_return limited.error();
  const SqlResult<void> dropped = co_await tables->drop(connection, generation);
  if (!dropped) co_return dropped.error();
  co_return true;
}

void LiveSink::Session::ask_for_build() {
  if (asked == checkpoint.generation) return;
  asked = checkpoint.generation;
  build();
}

}  // namespace daybook::postgres
