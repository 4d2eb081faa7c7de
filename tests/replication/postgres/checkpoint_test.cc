#include "replication/postgres/checkpoint.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>

#include "replication/postgres/schema.h"
#include "replication/postgres/transaction.h"
#include "tests/replication/postgres/postgres_server.h"
#include "tests/replication/run.h"

namespace daybook::postgres {
namespace {

using ::testing::HasSubstr;

class CheckpointTest : public ::testing::Test {
 protected:
  CheckpointTest() : first_(connect()), second_(connect()) {
    run(migrate(*first_)).value();
    run(put_checkpoint(*first_, "p", {.generation = 1, .log_id = "log", .definition = "d"}))
        .value();
  }
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return test::run(context_, std::move(work));
  }
  std::unique_ptr<Connection> connect() {
    auto connection = std::make_unique<Connection>(context_.get_executor(),
                                                   PostgresServer::shared().url(database_));
    run(connection->open(std::chrono::seconds(30))).value();
    return connection;
  }
  std::uint64_t take() { return run(take_checkpoint(*first_, "p")).value()->epoch; }

  boost::asio::io_context context_;
  const std::string database_ = PostgresServer::shared().create_database();
  std::unique_ptr<Connection> first_;
  std::unique_ptr<Connection> second_;
};

TEST_F(CheckpointTest, OneSessionHasTheLockUntilItEnds) {
  EXPECT_TRUE(run(lock_projection(*first_, "p")).value());
  EXPECT_FALSE(run(lock_projection(*second_, "p")).value());
  EXPECT_TRUE(run(lock_projection(*second_, "another")).value());
  first_->close();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!run(lock_projection(*second_, "p")).value())
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
}

TEST_F(CheckpointTest, WhoHasTheLockIsNamed) {
  ASSERT_TRUE(run(lock_projection(*first_, "p")).value());
  const auto rows = run(first_->execute("SELECT pg_backend_pid()")).value();
  const std::string holder = run(find_lock_holder(*second_, "p")).value();
  EXPECT_EQ("process " + std::string(*rows.at(0, 0)) + " of the server, daybook from 127.0.0.1",
            holder);
  EXPECT_THAT(run(find_lock_holder(*second_, "q")).value(), HasSubstr("gone"));
}

TEST_F(CheckpointTest, WhoTookItLastAloneMovesIt) {
  const std::uint64_t before = take();
  const std::uint64_t now = take();
  EXPECT_EQ(before + 1, now);
  EXPECT_FALSE(run(move_checkpoint(*first_, "p", before, Offset{7})).value());
  EXPECT_TRUE(run(move_checkpoint(*first_, "p", now, Offset{7})).value());
  EXPECT_EQ(Offset{7}, run(find_checkpoint(*first_, "p")).value()->offset);
}

// The update waits for the other's transaction, and then looks at what that has left.
TEST_F(CheckpointTest, ACommitUnderWayIsWaitedForAndTheNextIsRefused) {
  const std::uint64_t old = take();
  run(first_->run("BEGIN")).value();
  ASSERT_TRUE(run(move_checkpoint(*first_, "p", old, Offset{5})).value());
  std::optional<SqlResult<std::optional<Checkpoint>>> taken;
  boost::asio::co_spawn(context_, test::keep(take_checkpoint(*second_, "p"), taken),
                        [](std::exception_ptr) {});
  context_.restart();
  context_.run_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(taken);
  run(first_->run("COMMIT")).value();
  context_.restart();
  while (!taken) context_.run_one();
  EXPECT_EQ(Offset{5}, taken->value()->offset);
  EXPECT_FALSE(run(move_checkpoint(*first_, "p", old, Offset{6})).value());
}

TEST_F(CheckpointTest, ARowThatIsPutAgainIsFencedOff) {
  const std::uint64_t old = take();
  run(put_checkpoint(*first_, "p",
                     {.offset = Offset{9}, .generation = 2, .log_id = "log", .definition = "e"}))
      .value();
  EXPECT_FALSE(run(move_checkpoint(*first_, "p", old, Offset{10})).value());
  const Checkpoint now = *run(find_checkpoint(*first_, "p")).value();
  EXPECT_EQ(Offset{9}, now.offset);
  EXPECT_EQ(2u, now.generation);
  EXPECT_EQ("e", now.definition);
  EXPECT_EQ(old + 1, now.epoch);
}

TEST_F(CheckpointTest, ARowThatIsNotThereIsNeitherFoundNorTaken) {
  run(delete_checkpoint(*first_, "p")).value();
  EXPECT_FALSE(run(find_checkpoint(*first_, "p")).value());
  EXPECT_FALSE(run(take_checkpoint(*first_, "p")).value());
}

}  // namespace
}  // namespace daybook::postgres
