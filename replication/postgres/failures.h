// Events that the database could not hold: `daybook.failures`, where an operator finds them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "replication/postgres/connection.h"
#include "replication/postgres/table_set.h"
#include "storage/model/event.h"
#include "storage/model/projection.h"

namespace daybook::postgres {

// Everything in it can be stored as text.
ProjectionFailure make_failure(const EventView& event, std::string reason);

// In a transaction, any number in one round trip, after `begin_failures` in the same session.
boost::asio::awaitable<SqlResult<void>> begin_failures(Connection& connection);
boost::asio::awaitable<SqlResult<void>> record_failures(Connection& connection,
                                                        std::string projection,
                                                        Generation generation,
                                                        std::vector<ProjectionFailure> failures);

boost::asio::awaitable<SqlResult<std::uint64_t>> count_failures(Connection& connection,
                                                                std::string projection,
                                                                Generation generation);
// Ascending, with offsets greater than `after`: `limit` of them, or as many as begin within
// limits::page_bytes_max of originals.
boost::asio::awaitable<SqlResult<std::vector<ProjectionFailure>>> read_failures(
    Connection& connection, std::string projection, Generation generation, Offset after,
    std::uint32_t limit);
// False: it is not there.
boost::asio::awaitable<SqlResult<bool>> delete_failure(Connection& connection,
                                                       std::string projection,
                                                       Generation generation, Offset offset);
// It failed again, now. False: it is not there.
boost::asio::awaitable<SqlResult<bool>> renew_failure(Connection& connection,
                                                      std::string projection, Generation generation,
                                                      Offset offset, std::string reason);
// Deletes all but those of the generation; 0: all.
boost::asio::awaitable<SqlResult<void>> keep_failures_of(Connection& connection,
                                                         std::string projection,
                                                         Generation generation);

}  // namespace daybook::postgres
