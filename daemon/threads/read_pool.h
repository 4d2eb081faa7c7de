// The threads that may wait for the disk: reads and evidence that memory cannot answer.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/threads/suspend.h"

namespace daybook {

class ReadPool {
 public:
  // Bound: tasks that wait. Policy: over it `run` refuses, and the client is told `overloaded`.
  ReadPool(std::size_t threads, std::size_t waiting_max);
  ~ReadPool();
  ReadPool(const ReadPool&) = delete;
  ReadPool& operator=(const ReadPool&) = delete;

  // From a coroutine on an io thread: runs the task on a read thread and resumes. False, with
  // nothing run, when too many wait or the pool has stopped.
  Awaitable<bool> run(std::function<void()> task);
  // Finishes what waits, then ends the threads.
  void stop();

 private:
  struct Task {
    std::function<void()> work;
    Suspension caller;
  };
  struct Enqueue;
  bool take(std::function<void()>& work, Suspension& caller);
  void work();

  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Task> tasks_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

// Runs `read` on the pool: a call without arguments that gives a Result.
template <class Read>
auto on_read_thread(ReadPool& pool, Read read) -> Awaitable<decltype(read())> {
  decltype(read()) result = Error{Errc::overloaded, "too many reads wait for the disk"};
  std::function<void()> task = [&result, &read] { result = read(); };
  co_await pool.run(std::move(task));
  co_return result;
}

}  // namespace daybook
