// The schema `daybook`: what all projections share. Versioned; brought up to date by whoever
// connects first.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "replication/postgres/connection.h"

namespace daybook::postgres {

// Outside of a transaction. Creates or migrates: `daybook.schema_version`, `daybook.checkpoints`,
// `daybook.failures`, `daybook.wait_for`. Many may call it at once. Fails, changing nothing, where
// a newer version of Daybook has migrated it already, where the database's encoding is not UTF-8,
// or where it is a read-only standby (SQLSTATE 25006).
//
// daybook.checkpoints: name text primary key, log_offset bigint, updated_at timestamptz,
//   generation int, epoch bigint, log_id text, definition text
// daybook.failures: projection text, generation int, log_offset bigint, id text, reason text,
//   original text, failed_at timestamptz; primary key (projection, generation, log_offset)
boost::asio::awaitable<SqlResult<void>> migrate(Connection& connection);

}  // namespace daybook::postgres
