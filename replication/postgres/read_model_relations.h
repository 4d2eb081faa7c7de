// The table and the view of a read model in the database. What is not ours is never touched: a
// table is ours by its comment, a view because it shows a table of ours.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "replication/postgres/connection.h"
#include "replication/postgres/read_model_sql.h"

namespace daybook::postgres {

// Whether the generation's table is there, and ours.
boost::asio::awaitable<SqlResult<bool>> has_table(Connection& connection, const ReadModel& model,
                                                  Generation generation);

// These in a transaction.

// Fails with duplicate_table (42P07) where the view's name, or the table's, is somebody else's.
boost::asio::awaitable<SqlResult<void>> create_table(Connection& connection, const ReadModel& model,
                                                     Generation generation);
// Replaces the view; where its columns do not allow that, makes it anew and grants to everybody
// what they had on it, which fails where something depends on it.
boost::asio::awaitable<SqlResult<void>> show_table(Connection& connection, const ReadModel& model,
                                                   Generation generation);
// With the view, if it shows this very table.
boost::asio::awaitable<SqlResult<void>> drop_table(Connection& connection, const ReadModel& model,
                                                   Generation generation);

}  // namespace daybook::postgres
