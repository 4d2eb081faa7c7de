// A database of the shared server with the schema, and the tables of events in it, posted to as the
// sinks do.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "replication/postgres/connection.h"
#include "replication/postgres/table_set.h"
#include "tests/replication/postgres/postgres_server.h"

namespace daybook::postgres {

class ProjectedDatabase {
 public:
  // As the superuser, or as a new user who owns the schema `daybook` and may create no other.
  enum class User { superuser, owner_of_the_schema };
  explicit ProjectedDatabase(User user = User::superuser);

  // Each in a transaction of its own, but for what must not be in one.
  SqlResult<void> create(Generation generation, bool bare = false);
  SqlResult<void> begin_session(Generation generation);
  SqlResult<void> post(Generation generation, TableSet::Batch batch);
  SqlResult<void> complete(Generation generation);
  SqlResult<void> show(Generation generation);
  SqlResult<void> drop(Generation generation);
  SqlResult<bool> exists(Generation generation);

  // As the superuser.
  std::vector<PostgresServer::Row> sql(const std::string& text);
  std::string value(const std::string& text);

  PostgresServer& server = PostgresServer::shared();
  const std::string name = server.create_database();
  const std::unique_ptr<TableSet> tables;

 private:
  SqlResult<void> in_transaction(boost::asio::awaitable<SqlResult<void>> work);

  boost::asio::io_context io_;
  std::unique_ptr<Connection> connection_;
};

// An event of aggregate ("agent", `aggregate_id`), recorded in November 2026 at the second that its
// offset is, with the empty object as payload and metadata.
EventView event_at(std::uint64_t offset, std::string_view aggregate_id, std::uint64_t sequence);

}  // namespace daybook::postgres
