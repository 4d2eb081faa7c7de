// What the live sink and the build share: a connection that has the lock of the projection's row,
// what the row said, and how pages are posted under it. Of one thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "replication/postgres/checkpoint.h"
#include "replication/postgres/connection.h"
#include "replication/postgres/projection_sink.h"
#include "replication/postgres/table_set.h"
#include "storage/base/result.h"
#include "storage/model/query.h"

namespace daybook::postgres {

// The row of the generation that is being built.
std::string build_row(const std::string& projection);

// nullopt also where there is no schema yet. Fails with bad_value where the row is another log's.
boost::asio::awaitable<Result<std::optional<Checkpoint>>> find_own_checkpoint(
    Connection& connection, const ProjectionSettings& settings, std::string row);

class ProjectionSession {
 public:
  // `row`: of the checkpoint, NAME or NAME#build.
  ProjectionSession(const boost::asio::any_io_executor& executor, ProjectionSettings settings,
                    std::string row, std::shared_ptr<ProjectionCounts> counts);

  // Connects, migrates the schema and takes the row's lock: `standby` where another has it.
  boost::asio::awaitable<Result<void>> connect();
  // Fences whoever posted before, and begins to post into the tables that the row describes, after
  // its checkpoint, which is given.
  boost::asio::awaitable<Result<Offset>> begin();

  // The checkpoint of a page without events is moved once it is a second since the last commit, or
  // by `flush`.
  boost::asio::awaitable<Result<void>> write(const Page& page);
  // Moves the checkpoint to what has been examined, not more often than every 50 ms: else gives
  // when to ask again.
  boost::asio::awaitable<Result<std::optional<std::chrono::milliseconds>>> flush();

  // Of what is done to the tables: whether they are lost.
  Error failed(const SqlError& error);
  // Another has taken the row.
  Error fenced() const;

  const ProjectionSettings settings;
  const std::string row;
  const std::shared_ptr<ProjectionCounts> counts;
  Connection connection;
  std::unique_ptr<TableSet> tables;
  Checkpoint checkpoint;  // the row as it was taken
  Offset examined;        // what was to be written up to here is committed
  // The tables are gone or are not as they should be: that is why it failed, and a generation has
  // to be built.
  bool tables_are_lost = false;
  // `connect` found that the row is another's: nothing will be left to do when that is done.
  bool another_has_row = false;

 private:
  boost::asio::awaitable<Result<void>> commit(const Page& page);
  Error lost(const std::string& why);

  Offset committed_;
  std::chrono::steady_clock::time_point committed_at_;
};

}  // namespace daybook::postgres
