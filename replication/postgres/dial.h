// Begins a connection of libpq's, with our defaults where the target has none.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace daybook::postgres {

struct ClosePq {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using PqConnection = std::unique_ptr<PGconn, ClosePq>;

// Begins to connect (PQconnectStart): keepalives and the application's name are ours where the
// target has none, UTF-8 always.
PqConnection begin_to_connect(const std::string& target);

// The target's or the environment's `connect_timeout`, where it has one.
std::optional<std::chrono::milliseconds> connect_timeout(PGconn* connection);

// See Connection::peer.
std::string peer_of(PGconn* connection);

}  // namespace daybook::postgres
