// What tests of projections share: a log in memory, a real database, and followers between them.
#pragma once

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "replication/follower/follower.h"
#include "replication/postgres/projection_sink.h"
#include "tests/replication/memory_feed.h"
#include "tests/replication/postgres/postgres_server.h"
#include "tests/replication/postgres/thing_tables.h"
#include "tests/replication/run.h"

namespace daybook::postgres {

class ProjectionTest : public ::testing::Test {
 protected:
  // A follower while the test is at it.
  struct Running {
    std::shared_ptr<Follower> follower;
    std::vector<std::string> told;  // "following", "failing: why"
    std::vector<std::uint64_t> moved;
    bool is_over = false;
    FollowerState state() const { return follower->state(); }
  };

  explicit ProjectionTest(PostgresServer& server = PostgresServer::shared())
      : server_(server), database_(server.create_database()), target_(server.url(database_)) {}
  void TearDown() override;  // stops all

  ProjectionSettings settings() const;
  std::unique_ptr<Sink> live();
  std::unique_ptr<Sink> build();
  Running& follow(std::unique_ptr<Sink> sink);
  void stop(Running& running);
  // Once nobody else has the lock any more.
  Result<Offset> open(Sink& sink);

  // As jsonb shows it.
  Offset add(std::string payload = R"({"n": 1})");
  void add(int count);
  template <class Condition>
  void until(Condition condition, std::chrono::seconds limit = std::chrono::seconds(60)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      context_.restart();  // It stops whenever it has nothing to do.
      context_.run_one_for(std::chrono::milliseconds(5));
    }
  }
  void until_posted(const Running& running);
  void until_told(const Running& running, const std::string& part);
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return test::run(context_, std::move(work));
  }

  void sql(const std::string& statements) const { server_.run_sql(database_, statements); }
  std::string value(const std::string& statement) const {
    return server_.value(database_, statement);
  }
  std::vector<std::uint64_t> offsets(const std::string& statement) const;
  std::vector<std::uint64_t> posted() const;
  std::vector<std::uint64_t> failed() const;
  std::vector<std::uint64_t> all() const;  // offsets of the log
  // Every event is in `things` once with its payload, those in `failed()` aside; each aggregate is
  // where it is in the log, and the checkpoint at the head.
  void expect_exact() const;

  boost::asio::io_context context_;
  PostgresServer& server_;
  const std::string database_;
  std::string target_;
  std::string log_id_ = "0197a0c8-0000-7000-8000-000000000001";
  std::string definition_ = "things 1";
  std::string name_ = "things";
  std::uint32_t page_events_ = 10;
  testing::MemoryLog log_;
  std::shared_ptr<ThingHooks> hooks_ = std::make_shared<ThingHooks>();
  MakeTables make_tables_ = make_things(hooks_);
  std::shared_ptr<ProjectionCounts> counts_ = std::make_shared<ProjectionCounts>();
  int builds_asked_ = 0;
  std::list<Running> running_;
};

}  // namespace daybook::postgres
