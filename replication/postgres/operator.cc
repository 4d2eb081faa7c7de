#include "replication/postgres/operator.h"

#include <array>

#include "replication/postgres/failures.h"
#include "replication/postgres/generations.h"
#include "replication/postgres/projection_session.h"
#include "replication/postgres/retry.h"
#include "replication/postgres/transaction.h"
#include "storage/base/limits.h"

namespace daybook::postgres {

using boost::asio::any_io_executor;
using boost::asio::awaitable;

namespace {

constexpr std::chrono::milliseconds kConnectTimeout{10'000};

// The projection's row, on a connection that it opens.
awaitable<Result<std::optional<Checkpoint>>> ask(Connection& connection,
                                                 const ProjectionSettings& settings,
                                                 std::string row) {
  const SqlResult<void> opened = co_await connection.open(kConnectTimeout);
  if (!opened) co_return to_error(opened.error());
  co_return co_await find_own_checkpoint(connection, settings, std::move(row));
}

awaitable<SqlResult<bool>> drop_all(Connection& connection, const ProjectionSettings& settings) {
  const SqlResult<void> limited = co_await limit_lock_wait(connection, kLockWait);
  if (!limited) co_return limited.error();
  const std::array<std::string, 2> rows{settings.name, build_row(settings.name)};
  for (const std::string& row : rows) {
    const SqlResult<std::optional<Checkpoint>> found = co_await lock_checkpoint(connection, row);
    if (!found) co_return found.error();
    if (!*found) continue;
    Checkpoint of = **found;
    const Generation last = of.generation;
    for (of.generation = oldest_leftover(last); of.generation <= last; ++of.generation) {
      const SqlResult<void> dropped = co_await drop_generation(connection, settings, of);
      if (!dropped) co_return dropped.error();
    }
    const SqlResult<void> deleted = co_await delete_checkpoint(connection, row);
    if (!deleted) co_return deleted.error();
  }
  const SqlResult<void> forgotten = co_await keep_failures_of(connection, settings.name, 0);
  if (!forgotten) co_return forgotten.error();
  co_return true;
}

std::size_t bytes_of(const std::vector<ProjectionFailure>& failures) {
  std::size_t bytes = 0;
  for (const ProjectionFailure& failure : failures) bytes += failure.original.size();
  return bytes;
}

}  // namespace

awaitable<Result<ProjectionFailures>> list_failures(any_io_executor executor,
                                                    ProjectionSettings settings, Offset after,
                                                    std::uint32_t limit) {
  Connection connection(executor, settings.target);
  const Result<std::optional<Checkpoint>> shown = co_await ask(connection, settings, settings.name);
  if (!shown) co_return shown.error();
  ProjectionFailures list;
  if (!*shown) co_return list;
  SqlResult<std::vector<ProjectionFailure>> found =
      co_await read_failures(connection, settings.name, (*shown)->generation, after, limit + 1);
  if (!found) co_return to_error(found.error());
  list.failures = *std::move(found);
  const bool is_cut = bytes_of(list.failures) >= limits::page_bytes_max;
  const bool has_more = list.failures.size() > limit;
  if (has_more) list.failures.pop_back();
  if (has_more || is_cut) list.next = list.failures.back().offset;
  co_return list;
}

awaitable<Result<ProjectionRetried>> retry_failures(any_io_executor executor,
                                                    ProjectionSettings settings, EventFeed& feed,
                                                    std::vector<Offset> offsets) {
  Connection connection(executor, settings.target);
  const Result<std::optional<Checkpoint>> shown = co_await ask(connection, settings, settings.name);
  if (!shown) co_return shown.error();
  if (!*shown) co_return ProjectionRetried{};
  const Result<std::unique_ptr<TableSet>> tables = settings.make_tables((*shown)->definition);
  if (!tables) co_return tables.error();
  const SqlResult<void> begun = co_await (*tables)->begin_session(connection, (*shown)->generation);
  if (!begun) co_return to_error(begun.error());
  Retry retry(connection, **tables, settings.name, **shown, feed);
  awaitable<Result<void>> running = offsets.empty() ? retry.run_all() : retry.run(offsets);
  const Result<void> ran = co_await std::move(running);
  if (!ran) co_return ran.error();
  co_return retry.retried();
}

awaitable<Result<void>> drop_projection(any_io_executor executor, ProjectionSettings settings) {
  Connection connection(executor, settings.target);
  const Result<std::optional<Checkpoint>> shown = co_await ask(connection, settings, settings.name);
  if (!shown) co_return shown.error();
  std::string row = build_row(settings.name);
  const Result<std::optional<Checkpoint>> building =
      co_await find_own_checkpoint(connection, settings, std::move(row));
  if (!building) co_return building.error();
  if (!*shown && !*building) co_return Result<void>();
  awaitable<SqlResult<bool>> body = drop_all(connection, settings);
  const SqlResult<bool> dropped = co_await in_transaction(connection, std::move(body));
  if (!dropped) co_return to_error(dropped.error());
  co_return Result<void>();
}

}  // namespace daybook::postgres
