// The writer thread and the one bounded queue in front of it. Decides what has gathered while the
// commit before it is synced; answers come back once per commit and io thread, not once per
// request.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "daemon/threads/suspend.h"
#include "daemon/threads/syncer.h"
#include "storage/store.h"

namespace daybook {

// What a commit was: for metrics and whoever waits for the head.
struct CommitFacts {
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
  // `after` is told after each commit, on the writer thread, before those who wait are resumed.
  Committer(Store& store, Bounds bounds, std::function<void(const CommitFacts&)> after);
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  void start();
  // From a coroutine on an io thread: resumes when the job has its result. False, the job
  // untouched, when the queue is full or closed (policy: the client is told `overloaded`).
  Awaitable<bool> submit(Job& job);
  // Takes no more, finishes what is queued, ends the threads.
  void stop();

 private:
  struct Queued {
    Job* job;
    std::size_t bytes;
    Suspension caller;
  };
  // Commands that become durable together.
  struct Batch {
    PendingCommit commit;
    std::vector<Suspension> callers;
    std::size_t bytes = 0;
  };
  // What the writer has to do next; nothing: it ends.
  struct Turn {
    std::vector<Queued> taken;
    bool synced = false;  // answers are due
  };
  struct Enqueue;

  bool take(Job& job, Suspension& caller);
  void synced();

  // The writer thread.
  void run();
  bool fits(const Queued& queued, std::size_t taken) const;
  Turn wait();
  void decide(std::vector<Queued> taken);
  void send();
  void answer(Batch batch);

  Store& store_;
  const Bounds bounds_;
  const std::function<void(const CommitFacts&)> after_;
  Syncer syncer_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Queued> queue_;
  std::size_t queued_bytes_ = 0;
  bool synced_ = false;  // `syncing_` is on disk
  bool closed_ = false;

  // The writer thread alone.
  std::optional<Batch> deciding_;
  std::optional<Batch> syncing_;  // at the syncer
  std::thread thread_;
};

}  // namespace daybook
