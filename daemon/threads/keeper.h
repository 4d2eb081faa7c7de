// The thread that looks after the disk, once a second: syncs the head mark, watches the free space.
#pragma once

#include <atomic>
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
  };
  // `failed` is told, on the keeper's thread, of an I/O error. `each_second` is called as well.
  Keeper(Store& store, Options options, std::function<void()> each_second,
         std::function<void(const Error&)> failed);
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

  Store& store_;
  const Options options_;
  const std::function<void()> each_second_;
  const std::function<void(const Error&)> failed_;
  std::atomic<bool> disk_is_full_{false};
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace daybook
