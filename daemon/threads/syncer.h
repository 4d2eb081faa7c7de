// The thread that waits for the disk, so that the writer can decide the next commit meanwhile.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "storage/log_writer.h"

namespace daybook {

class Syncer {
 public:
  // `done` is called on this thread after each commit.
  Syncer(LogWriter& writer, std::function<void()> done);
  ~Syncer();
  Syncer(const Syncer&) = delete;
  Syncer& operator=(const Syncer&) = delete;

  void start();
  // The writer: begins to sync a sealed commit, which outlives `done`. One at a time.
  void sync(PendingCommit& commit);
  // After the last `done`: ends the thread.
  void stop();

 private:
  void run();

  LogWriter& writer_;
  const std::function<void()> done_;
  std::mutex mutex_;
  std::condition_variable given_;
  PendingCommit* commit_ = nullptr;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace daybook
