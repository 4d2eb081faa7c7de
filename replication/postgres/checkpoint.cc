#include "replication/postgres/checkpoint.h"

#include "replication/postgres/row_values.h"
#include "replication/postgres/transaction.h"

namespace daybook::postgres {
namespace {

using boost::asio::awaitable;

// The first half of the advisory locks' keys: "dayb". The second is the name's hash.
const std::string kLockClass = "1684109666";

const std::string kColumns = "log_offset, generation, epoch, log_id, definition";

std::optional<Checkpoint> checkpoint_in(const Rows& rows) {
  if (rows.size() == 0) return std::nullopt;
  return Checkpoint{.offset = Offset{number_at<std::uint64_t>(rows, 0, 0)},
                    .generation = number_at<Generation>(rows, 0, 1),
                    .epoch = number_at<std::uint64_t>(rows, 0, 2),
                    .log_id = text_at(rows, 0, 3),
                    .definition = text_at(rows, 0, 4)};
}

// `sql` gives `kColumns` of the row named $1.
awaitable<SqlResult<std::optional<Checkpoint>>> ask(Connection& connection, std::string sql,
                                                    std::string name) {
  std::vector<Parameter> parameters{std::move(name)};
  const SqlResult<Rows> rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  co_return checkpoint_in(*rows);
}

// A session that was closed a moment ago, ours perhaps, still has it.
awaitable<SqlResult<bool>> wait_for_lock(Connection& connection, std::string name) {
  constexpr std::chrono::milliseconds kPatience{500};
  const SqlResult<void> limited = co_await limit_lock_wait(connection, kPatience);
  if (!limited) co_return limited.error();
  std::string sql = "SELECT pg_advisory_lock(" + kLockClass + ", hashtext($1))";
  std::vector<Parameter> parameters{std::move(name)};
  const SqlResult<Rows> rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  co_return true;
}

}  // namespace

awaitable<SqlResult<bool>> lock_projection(Connection& connection, std::string name) {
  awaitable<SqlResult<bool>> body = wait_for_lock(connection, std::move(name));
  const SqlResult<bool> locked = co_await in_transaction(connection, std::move(body));
  if (!locked && locked.error().is(kLockNotAvailable)) co_return false;
  co_return locked;
}

awaitable<SqlResult<std::string>> find_lock_holder(Connection& connection, std::string name) {
  // pg_locks shows both halves of the key unsigned. A server hides the application and the address
  // of other users' sessions.
  std::string sql =
      "SELECT l.pid, a.application_name, host(a.client_addr) FROM pg_locks l "
      "LEFT JOIN pg_stat_activity a ON a.pid = l.pid "
      "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = " +
      kLockClass +
      " AND l.objid::bigint = (hashtext($1)::bigint & 4294967295) "
      "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";
  std::vector<Parameter> parameters{std::move(name)};
  const SqlResult<Rows> rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  SqlResult<std::string> found(boost::system::in_place_value, "somebody who has gone since");
  if (rows->size() == 0) co_return found;
  std::string& holder = *found;
  holder = "process " + text_at(*rows, 0, 0) + " of the server";
  if (const auto application = rows->at(0, 1); application && !application->empty())
    holder.append(", ").append(*application);
  if (const auto address = rows->at(0, 2)) holder.append(" from ").append(*address);
  co_return found;
}

awaitable<SqlResult<std::optional<Checkpoint>>> find_checkpoint(Connection& connection,
                                                                std::string name) {
  std::string sql = "SELECT " + kColumns + " FROM daybook.checkpoints WHERE name = $1";
  return ask(connection, std::move(sql), std::move(name));
}

awaitable<SqlResult<std::optional<Checkpoint>>> lock_checkpoint(Connection& connection,
                                                                std::string name) {
  std::string sql = "SELECT " + kColumns + " FROM daybook.checkpoints WHERE name = $1 FOR UPDATE";
  return ask(connection, std::move(sql), std::move(name));
}

awaitable<SqlResult<std::optional<Checkpoint>>> take_checkpoint(Connection& connection,
                                                                std::string name) {
  std::string sql =
      "UPDATE daybook.checkpoints SET epoch = epoch + 1 WHERE name = $1 RETURNING " + kColumns;
  return ask(connection, std::move(sql), std::move(name));
}

awaitable<SqlResult<void>> put_checkpoint(Connection& connection, std::string name,
                                          Checkpoint checkpoint) {
  std::string sql =
      "INSERT INTO daybook.checkpoints AS c "
      "(name, log_offset, updated_at, generation, epoch, log_id, definition) "
      "VALUES ($1, $2::bigint, now(), $3::int, 1, $4, $5) "
      "ON CONFLICT (name) DO UPDATE SET log_offset = excluded.log_offset, "
      "updated_at = excluded.updated_at, generation = excluded.generation, epoch = c.epoch + 1, "
      "log_id = excluded.log_id, definition = excluded.definition";
  std::vector<Parameter> parameters{std::move(name), to_bigint(checkpoint.offset),
                                    std::to_string(checkpoint.generation),
                                    std::move(checkpoint.log_id), std::move(checkpoint.definition)};
  const SqlResult<Rows> rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  co_return SqlResult<void>();
}

awaitable<SqlResult<bool>> move_checkpoint(Connection& connection, std::string name,
                                           std::uint64_t epoch, Offset to) {
  std::string sql =
      "UPDATE daybook.checkpoints SET log_offset = $3::bigint, updated_at = now() "
      "WHERE name = $1 AND epoch = $2::bigint";
  std::vector<Parameter> parameters{std::move(name), std::to_string(epoch), to_bigint(to)};
  const SqlResult<Rows> rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  co_return rows->affected() == 1;
}

awaitable<SqlResult<void>> delete_checkpoint(Connection& connection, std::string name) {
  std::string sql = "DELETE FROM daybook.checkpoints WHERE name = $1";
  std::vector<Parameter> parameters{std::move(name)};
  const SqlResult<Rows> rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  co_return SqlResult<void>();
}

}  // namespace daybook::postgres
