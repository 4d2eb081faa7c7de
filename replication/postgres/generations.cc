#include "replication/postgres/generations.h"

namespace daybook::postgres {

using boost::asio::awaitable;

Generation oldest_leftover(Generation shown) {
  constexpr Generation kLookedBack = 8;
  return shown > kLookedBack ? shown - kLookedBack : 1;
}

awaitable<SqlResult<Generation>> find_free_generation(Connection& connection, TableSet& tables) {
  for (Generation generation = 1;; ++generation) {
    const SqlResult<bool> exists = co_await tables.exists(connection, generation);
    if (!exists) co_return exists.error();
    if (!*exists) co_return generation;
  }
}

awaitable<SqlResult<void>> drop_generation(Connection& connection,
                                           const ProjectionSettings& settings,
                                           const Checkpoint& of) {
  const Result<std::unique_ptr<TableSet>> tables = settings.make_tables(of.definition);
  if (!tables) co_return SqlResult<void>();
  co_return co_await (*tables)->drop(connection, of.generation);
}

}  // namespace daybook::postgres
