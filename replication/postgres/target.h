// Where to connect to, and how, as libpq's options.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "replication/postgres/sql_error.h"

namespace daybook::postgres {

struct ClosePq {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using PqConnection = std::unique_ptr<PGconn, ClosePq>;

// Why the target cannot be used, or would show a part of its password in libpq's messages; nullopt:
// it can. Nothing of the target is quoted.
std::optional<SqlError> refuse_target(const std::string& target);

// Begins to connect (PQconnectStart): keepalives and the application's name are ours where the
// target has none, UTF-8 always.
PqConnection begin_to_connect(const std::string& target);

// The target's or the environment's `connect_timeout`, where it has one.
std::optional<std::chrono::milliseconds> connect_timeout(PGconn* connection);

// See Connection::peer.
std::string peer_of(PGconn* connection);

}  // namespace daybook::postgres
