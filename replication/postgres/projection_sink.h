// Posts to one projection in PostgreSQL, exactly once: rows and checkpoint change in one
// transaction. A lost answer to COMMIT is resolved by reading the checkpoint when it is opened
// again, never by guessing.
//
// An event that PostgreSQL cannot hold goes to `daybook.failures` with its reason, and the rest
// goes on: refused by our own rules before the COPY, or found by halving a page that fails.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "replication/follower/sink.h"
#include "replication/postgres/checkpoint.h"
#include "replication/postgres/connection.h"
#include "replication/postgres/table_set.h"

namespace daybook::postgres {

// Makes the tables that a definition describes. A definition comes from the configuration or from
// the checkpoint's row, where an older version may have written it: bad_value, for a person.
using MakeTables = std::function<Result<std::unique_ptr<TableSet>>(const std::string& definition)>;

struct ProjectionSettings {
  std::string name;        // "postgres", or that of a read model
  std::string target;      // see Connection
  std::string log_id;      // UUID of the log: another log's projection is never written into
  std::string definition;  // what is wanted
  MakeTables make_tables;
  std::uint32_t page_events = 10'000;
};

// What is shown beside the follower's state. Any thread reads it.
struct ProjectionCounts {
  std::atomic<std::uint64_t> failures{0};  // rows in `daybook.failures` of this generation
  std::atomic<Generation> generation{0};   // 0: not known yet
};

// Posts to the generation that users see. Where the database has another definition than is
// wanted, it goes on with that one, and `build` is called, once: a generation of its own has to be
// built beside. The same where the tables are gone (an operator dropped them); then it fails until
// that is done.
class LiveSink final : public Sink {
 public:
  LiveSink(const boost::asio::any_io_executor& executor, ProjectionSettings settings,
           std::shared_ptr<ProjectionCounts> counts, std::function<void()> build);
  ~LiveSink() override;

  Wants wants() const override;
  boost::asio::awaitable<Result<Offset>> open() override;
  boost::asio::awaitable<Result<void>> write(const Page& page) override;
  boost::asio::awaitable<Result<Rest>> caught_up() override;
  void close() override;

 private:
  struct Session;
  const std::unique_ptr<Session> session_;
};

// Builds the next generation beside the one that users see, from the beginning of the log; its own
// checkpoint is the row `NAME#build`, so that it survives a restart. Once it has caught up it adds
// the indexes, and once it is not behind the other it is swapped in, in one transaction that moves
// the row NAME to it: then it is finished, and the live sink is fenced and finds the new one.
class BuildSink final : public Sink {
 public:
  BuildSink(const boost::asio::any_io_executor& executor, ProjectionSettings settings,
            std::shared_ptr<ProjectionCounts> counts);
  ~BuildSink() override;

  Wants wants() const override;
  boost::asio::awaitable<Result<Offset>> open() override;
  boost::asio::awaitable<Result<void>> write(const Page& page) override;
  boost::asio::awaitable<Result<Rest>> caught_up() override;
  void close() override;

 private:
  struct Session;
  const std::unique_ptr<Session> session_;
};

}  // namespace daybook::postgres
