// The writer thread and the one bounded queue in front of it. While one fsync runs, the next group
// gathers; answers come back once per group and io thread, not once per request.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/threads/suspend.h"
#include "storage/store.h"

namespace daybook {

// What a group commit was: for metrics and whoever waits for the head.
struct GroupCommit {
  std::size_t jobs = 0;
  std::uint64_t events = 0;
  std::chrono::nanoseconds sync_time{};  // 0 where nothing was written
};

class Committer {
 public:
  struct Bounds {
    std::size_t jobs = 32'768;
    std::size_t bytes = 64 << 20;
  };
  // `after` is told after each group, on the writer thread, before those who wait are resumed.
  Committer(Store& store, Bounds bounds, std::function<void(const GroupCommit&)> after);
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  void start();
  // From a coroutine on an io thread: resumes when the job has its result. False, the job
  // untouched, when the queue is full or closed (policy: the client is told `overloaded`).
  Awaitable<bool> submit(Job& job);
  // Takes no more, finishes what is queued, ends the thread.
  void stop();

 private:
  struct Queued {
    Job* job;
    std::size_t bytes;
    Suspension caller;
  };
  struct Enqueue;

  bool has_room(std::size_t bytes) const;
  void run();
  std::vector<Queued> next_group();
  void apply(std::vector<Queued> group);

  Store& store_;
  const Bounds bounds_;
  const std::function<void(const GroupCommit&)> after_;

  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Queued> queue_;
  std::size_t queued_bytes_ = 0;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace daybook
