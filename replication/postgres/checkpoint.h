// The checkpoint's row of a projection, and who may move it. Two daemons on one database: an
// advisory lock lets one of them in, and the row's epoch refuses what the other still had under
// way.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "replication/postgres/connection.h"
#include "replication/postgres/table_set.h"
#include "storage/base/ids.h"

namespace daybook::postgres {

struct Checkpoint {
  Offset offset;
  Generation generation = 0;
  std::uint64_t epoch = 0;
  std::string log_id;
  std::string definition;
};

// Outside of a transaction: the session's advisory lock for the projection, until the session ends.
// False: another session has it, and has not ended within half a second.
boost::asio::awaitable<SqlResult<bool>> lock_projection(Connection& connection, std::string name);
// Who has that lock, for a person: "process 4711 of the server, daybook from 10.0.0.7".
boost::asio::awaitable<SqlResult<std::string>> find_lock_holder(Connection& connection,
                                                                std::string name);

boost::asio::awaitable<SqlResult<std::optional<Checkpoint>>> find_checkpoint(Connection& connection,
                                                                             std::string name);
// In a transaction: the same, and until it ends nobody else changes the row.
boost::asio::awaitable<SqlResult<std::optional<Checkpoint>>> lock_checkpoint(Connection& connection,
                                                                             std::string name);
// In a transaction: creates the row, or makes it this one and raises its epoch, whatever
// `checkpoint.epoch` says.
boost::asio::awaitable<SqlResult<void>> put_checkpoint(Connection& connection, std::string name,
                                                       Checkpoint checkpoint);
// Raises the epoch, so that whoever wrote before cannot commit any more, and gives the row; waits
// for a commit of theirs that is under way. nullopt: there is no such row.
boost::asio::awaitable<SqlResult<std::optional<Checkpoint>>> take_checkpoint(Connection& connection,
                                                                             std::string name);
// In the transaction that posts: false, and the caller rolls back, where the epoch is another.
boost::asio::awaitable<SqlResult<bool>> move_checkpoint(Connection& connection, std::string name,
                                                        std::uint64_t epoch, Offset to);
boost::asio::awaitable<SqlResult<void>> delete_checkpoint(Connection& connection, std::string name);

}  // namespace daybook::postgres
