// The thread that looks after the disk, once a second: syncs the head mark, watches the free space,
// scrubs the book.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "storage/store.h"

namespace daybook {

class Keeper {
 public:
  struct Options {
    std::string data_dir;
    std::uint64_t reserve_bytes = 0;  // under it appends are refused; above 1.2 of it they return
    std::uint64_t scrub_bytes_per_second = 0;  // 0: no scrub
  };
  // All are called on the keeper's thread.
  struct Listener {
    std::function<void()> each_second;
    std::function<void(const Scrub::Step&)> scrubbed;
    std::function<void(const Error&)> failed;  // an I/O error: the keeper has ended
  };
  Keeper(Store& store, Options options, Listener listener);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  void start();
  void stop();
  // Any thread.
  bool disk_is_full() const { return disk_is_full_.load(); }

 private:
  void run();
  void watch_disk();
  void scrub();

  using Clock = std::chrono::steady_clock;

  Store& store_;
  const Options options_;
  const Listener listener_;
  Scrub scrub_{store_.book().new_scrub()};
  Clock::time_point scrub_rests_until_;
  std::atomic<bool> disk_is_full_{false};
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace daybook
