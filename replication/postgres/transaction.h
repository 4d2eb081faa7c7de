// One transaction around what a coroutine does.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string_view>

#include "replication/postgres/connection.h"

namespace daybook::postgres {

// BEGIN, the body, COMMIT. Where the body gives false or fails: ROLLBACK, and what it gave. Where
// COMMIT fails and its error does not blame rows, it is not known what became of it. The body has
// not begun yet; what it refers to must live until this returns.
boost::asio::awaitable<SqlResult<bool>> in_transaction(
    Connection& connection, boost::asio::awaitable<SqlResult<bool>> body);

// In a transaction: its statements fail with `kLockNotAvailable` rather than wait longer for a
// lock. Behind whoever waits to replace a view, all who would read it wait too.
inline constexpr std::string_view kLockNotAvailable = "55P03";
inline constexpr std::chrono::milliseconds kLockWait{2000};  // for tables and views
boost::asio::awaitable<SqlResult<void>> limit_lock_wait(Connection& connection,
                                                        std::chrono::milliseconds limit);

}  // namespace daybook::postgres
