// A dispatcher over a real store, with its threads; calls are made from outside and waited for.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/backend/store_log.h"
#include "daemon/delivery/dispatcher.h"
#include "daemon/threads/io_thread.h"
#include "storage/store.h"
#include "tests/storage/samples.h"

namespace daybook::test {

// Polls until it holds; fails the test after a minute.
template <class Holds>
void eventually(Holds holds, const char* what) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!holds()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << what;
    std::this_thread::yield();
  }
}

class DeliveryTest : public testing::Test {
 protected:
  explicit DeliveryTest(std::size_t io_threads = 1);
  ~DeliveryTest() override;

  // The daemon ends and begins again.
  void stop();
  void start();
  void restart();

  // Runs a coroutine on one of the io threads.
  template <class T>
  std::future<T> run(Awaitable<T> task) {
    return boost::asio::co_spawn(threads_->next().context(), std::move(task),
                                 boost::asio::use_future);
  }
  template <class T>
  static T wait_for(std::future<T> answer) {
    EXPECT_EQ(std::future_status::ready, answer.wait_for(std::chrono::seconds(60)));
    return answer.get();
  }

  void put_group(const std::string& name, QueueSettings queue = {}, Filter filter = {});
  Result<Applied> command(Command command);
  void append(const Event& event);
  // Events of the aggregates, in this order: "aab".
  void append_each(const std::string& aggregates);

  using Fetched = std::future<Result<Leased>>;
  Fetched fetch_later(const std::string& queue, const std::string& member, std::uint32_t max = 100,
                      std::chrono::milliseconds wait = std::chrono::seconds(50));
  Result<Leased> fetch(const std::string& queue, const std::string& member, std::uint32_t max = 100,
                       std::chrono::milliseconds wait = std::chrono::milliseconds(0));
  // "1 2/2": offsets, and the attempt where it is not the first; "…*" of a replay.
  std::string fetched(const std::string& queue, const std::string& member, std::uint32_t max = 100,
                      std::chrono::milliseconds wait = std::chrono::milliseconds(0));
  static std::string describe(const Result<Leased>& leased);

  // The offsets that were refused, or the code of the error.
  std::string take(const std::string& queue, QueueStep step);
  std::string ack(const std::string& queue, const std::string& member,
                  const std::vector<std::uint64_t>& offsets);
  std::string nack(const std::string& queue, const std::string& member, std::uint64_t offset,
                   NackAction action = NackAction::retry);
  std::unique_ptr<QueueMember> join(const std::string& queue, const std::string& member);

  QueueView view(const std::string& queue) const {
    return store_->groups().queue_view(queue).value_or(QueueView{});
  }

  TempDir dir_;
  const std::size_t io_threads_;
  std::chrono::seconds stall_after_{3600};
  std::unique_ptr<IoThreads> threads_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ReadPool> readers_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<Writer> writer_;
  std::atomic<std::uint64_t> commits_{0};
};

}  // namespace daybook::test
