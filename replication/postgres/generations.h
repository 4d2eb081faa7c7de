// Which generations of a projection's tables there are, apart from the one that its row names.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "replication/postgres/checkpoint.h"
#include "replication/postgres/connection.h"
#include "replication/postgres/projection_sink.h"
#include "replication/postgres/table_set.h"

namespace daybook::postgres {

// Tables below the generation that users see can be left over, because somebody read them when they
// were to be dropped: from this one on.
Generation oldest_leftover(Generation shown);

// The lowest generation of which there are no tables.
boost::asio::awaitable<SqlResult<Generation>> find_free_generation(Connection& connection,
                                                                   TableSet& tables);

// In a transaction: the tables that a row describes, as far as its definition can still be read.
boost::asio::awaitable<SqlResult<void>> drop_generation(Connection& connection,
                                                        const ProjectionSettings& settings,
                                                        const Checkpoint& of);

}  // namespace daybook::postgres
