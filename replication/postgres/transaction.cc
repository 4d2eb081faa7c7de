#include "replication/postgres/transaction.h"

namespace daybook::postgres {

using boost::asio::awaitable;

awaitable<SqlResult<bool>> in_transaction(Connection& connection, awaitable<SqlResult<bool>> body) {
  // Not what the database or the user has as default: where the row of a checkpoint was changed by
  // another, an UPDATE has to look at it again.
  std::string begin = "BEGIN ISOLATION LEVEL READ COMMITTED";
  const SqlResult<void> begun = co_await connection.run(std::move(begin));
  if (!begun) co_return begun.error();
  SqlResult<bool> done = co_await std::move(body);
  const bool keep = done && *done;
  std::string end = keep ? "COMMIT" : "ROLLBACK";
  const SqlResult<void> ended = co_await connection.run(std::move(end));
  if (keep && !ended) co_return ended.error();
  co_return done;
}

awaitable<SqlResult<void>> limit_lock_wait(Connection& connection,
                                           std::chrono::milliseconds limit) {
  return connection.run("SET LOCAL lock_timeout = " + std::to_string(limit.count()));
}

}  // namespace daybook::postgres
