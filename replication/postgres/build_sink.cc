#include "replication/postgres/failures.h"
#include "replication/postgres/generations.h"
#include "replication/postgres/projection_session.h"
#include "replication/postgres/projection_sink.h"
#include "replication/postgres/transaction.h"

namespace daybook::postgres {

using boost::asio::awaitable;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds kWhereBehind{5};
// Whoever reads the views for so long that they could not be replaced; behind a swap that waits,
// all who read them wait too.
constexpr milliseconds kWhereReadersStay{10'000};
constexpr milliseconds kDropsApart{1000};
constexpr int kDrops = 5;

}  // namespace

struct BuildSink::Session : ProjectionSession {
  Session(const boost::asio::any_io_executor& executor, ProjectionSettings of,
          std::shared_ptr<ProjectionCounts> live)
      : ProjectionSession(executor, of, build_row(of.name), std::make_shared<ProjectionCounts>()),
        live_counts(std::move(live)) {}

  awaitable<Result<Offset>> open();
  awaitable<Result<void>> start_over(std::optional<Checkpoint> live,
                                     std::optional<Checkpoint> before);
  awaitable<SqlResult<bool>> create_tables(Generation generation, Generation shown,
                                           std::optional<Checkpoint> before);
  awaitable<Result<Rest>> caught_up();
  awaitable<SqlResult<bool>> complete();
  awaitable<SqlResult<bool>> swap();
  awaitable<SqlResult<bool>> drop_old();
  void is_shown();

  const std::shared_ptr<ProjectionCounts> live_counts;
  bool completed = false;
  bool behind = false;  // the last swap found that the live projection is further
  steady_clock::time_point next_swap;
  bool done = false;              // it was swapped in, by this or another daemon
  std::optional<Checkpoint> old;  // what it took the place of
  int drops_left = kDrops;
};

BuildSink::BuildSink(const boost::asio::any_io_executor& executor, ProjectionSettings settings,
                     std::shared_ptr<ProjectionCounts> counts)
    : session_(std::make_unique<Session>(executor, std::move(settings), std::move(counts))) {}

BuildSink::~BuildSink() = default;

Sink::Wants BuildSink::wants() const {
  return {.filter = session_->tables->filter(), .page_events = session_->settings.page_events};
}

awaitable<Result<Offset>> BuildSink::open() {
  return session_->open();
}

awaitable<Result<void>> BuildSink::write(const Page& page) {
  if (session_->done) co_return Result<void>();
  co_return co_await session_->write(page);
}

awaitable<Result<Sink::Rest>> BuildSink::caught_up() {
  return session_->caught_up();
}

void BuildSink::close() {
  session_->connection.close();
}

awaitable<Result<Offset>> BuildSink::Session::open() {
  const Result<void> connected = co_await connect();
  if (!connected) co_return connected.error();
  const Result<std::optional<Checkpoint>> live =
      co_await find_own_checkpoint(connection, settings, settings.name);
  if (!live) co_return live.error();
  const Result<std::optional<Checkpoint>> before =
      co_await find_own_checkpoint(connection, settings, row);
  if (!before) co_return before.error();
  // The answer to the swap's COMMIT was lost, or another daemon has swapped in what it built.
  const bool is_ours = *live && (*live)->generation == checkpoint.generation;
  if (!*before && *live && (is_ours || another_has_row)) {
    if (is_ours) is_shown();
    Result<std::unique_ptr<TableSet>> made = settings.make_tables(settings.definition);
    if (!made) co_return made.error();
    tables = *std::move(made);
    done = true;
    co_return (*live)->offset;
  }
  if (!*before || (*before)->definition != settings.definition || tables_are_lost ||
      (*live && (*before)->generation <= (*live)->generation)) {
    const Result<void> started = co_await start_over(*live, *before);
    if (!started) co_return started.error();
  }
  co_return co_await begin();
}

awaitable<Result<void>> BuildSink::Session::start_over(std::optional<Checkpoint> live,
                                                       std::optional<Checkpoint> before) {
  Result<std::unique_ptr<TableSet>> made = settings.make_tables(settings.definition);
  if (!made) co_return made.error();
  tables = *std::move(made);
  const Generation shown = live ? live->generation : 0;
  Generation next = shown + 1;
  if (!live) {
    const SqlResult<Generation> free = co_await find_free_generation(connection, *tables);
    if (!free) co_return to_error(free.error());
    next = *free;
  }
  awaitable<SqlResult<bool>> body = create_tables(next, shown, std::move(before));
  const SqlResult<bool> created = co_await in_transaction(connection, std::move(body));
  if (!created) co_return to_error(created.error());
  completed = false;
  co_return Result<void>();
}

awaitable<SqlResult<bool>> BuildSink::Session::create_tables(Generation generation,
                                                             Generation shown,
                                                             std::optional<Checkpoint> before) {
  if (before) {
    const SqlResult<void> dropped = co_await drop_generation(connection, settings, *before);
    if (!dropped) co_return dropped.error();
  }
  // What an earlier build has left behind.
  const SqlResult<void> dropped = co_await tables->drop(connection, generation);
  if (!dropped) co_return dropped.error();
  const SqlResult<void> kept = co_await keep_failures_of(connection, settings.name, shown);
  if (!kept) co_return kept.error();
  const SqlResult<void> created = co_await tables->create(connection, generation, true);
  if (!created) co_return created.error();
  Checkpoint first{
      .generation = generation, .log_id = settings.log_id, .definition = settings.definition};
  const SqlResult<void> put = co_await put_checkpoint(connection, row, std::move(first));
  if (!put) co_return put.error();
  co_return true;
}

awaitable<Result<Sink::Rest>> BuildSink::Session::caught_up() {
  if (!done && !completed) {
    awaitable<SqlResult<bool>> body = complete();
    const SqlResult<bool> ended = co_await in_transaction(connection, std::move(body));
    if (!ended) co_return failed(ended.error());
    completed = true;
    co_return Rest{.again = milliseconds(0)};  // it may have taken hours
  }
  if (!done) {
    const auto left = next_swap - steady_clock::now();
    if (left > left.zero()) co_return Rest{.again = std::chrono::ceil<milliseconds>(left)};
    awaitable<SqlResult<bool>> body = swap();
    const SqlResult<bool> swapped = co_await in_transaction(connection, std::move(body));
    if (!swapped && !swapped.error().is(kLockNotAvailable)) co_return failed(swapped.error());
    if (swapped && !*swapped && !behind) co_return fenced();
    if (!swapped || !*swapped) {
      const milliseconds pause = swapped ? kWhereBehind : kWhereReadersStay;
      next_swap = steady_clock::now() + pause;
      co_return Rest{.again = pause};
    }
    done = true;
    is_shown();
  }
  // Where somebody still reads them, the live sink drops them when it is opened.
  awaitable<SqlResult<bool>> body = drop_old();
  const SqlResult<bool> dropped = co_await in_transaction(connection, std::move(body));
  if (!dropped && connection.is_open() && --drops_left > 0) co_return Rest{.again = kDropsApart};
  co_return Rest{.finished = true};
}

awaitable<SqlResult<bool>> BuildSink::Session::complete() {
  const SqlResult<void> completes = co_await tables->complete(connection, checkpoint.generation);
  if (!completes) co_return completes.error();
  co_return true;
}

// From the lock of the live projection's row on, nothing can be committed into its tables, and
// after it the epoch is another.
awaitable<SqlResult<bool>> BuildSink::Session::swap() {
  const SqlResult<void> limited = co_await limit_lock_wait(connection, kLockWait);
  if (!limited) co_return limited.error();
  const SqlResult<std::optional<Checkpoint>> live =
      co_await lock_checkpoint(connection, settings.name);
  if (!live) co_return live.error();
  behind = *live && (*live)->offset > examined;
  if (behind) co_return false;
  const SqlResult<bool> moved =
      co_await move_checkpoint(connection, row, checkpoint.epoch, examined);
  if (!moved || !*moved) co_return moved;
  const SqlResult<void> shown = co_await tables->show(connection, checkpoint.generation);
  if (!shown) co_return shown.error();
  Checkpoint next = checkpoint;
  next.offset = examined;
  const SqlResult<void> put = co_await put_checkpoint(connection, settings.name, std::move(next));
  if (!put) co_return put.error();
  const SqlResult<void> deleted = co_await delete_checkpoint(connection, row);
  if (!deleted) co_return deleted.error();
  const SqlResult<void> kept =
      co_await keep_failures_of(connection, settings.name, checkpoint.generation);
  if (!kept) co_return kept.error();
  old = *live;
  co_return true;
}

awaitable<SqlResult<bool>> BuildSink::Session::drop_old() {
  if (!old) co_return true;
  const SqlResult<void> limited = co_await limit_lock_wait(connection, kLockWait);
  if (!limited) co_return limited.error();
  const SqlResult<void> dropped = co_await drop_generation(connection, settings, *old);
  if (!dropped) co_return dropped.error();
  co_return true;
}

void BuildSink::Session::is_shown() {
  live_counts->failures = counts->failures.load();
  live_counts->generation = checkpoint.generation;
}

}  // namespace daybook::postgres
