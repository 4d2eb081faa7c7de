// The thread that posts complete segments into the index. The writer never waits for it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "storage/store.h"

namespace daybook {

class IndexThread {
 public:
  // `failed` is told, on the index thread, when posting fails; the thread has ended then.
  IndexThread(Store& store, std::function<void(const Error&)> failed);
  ~IndexThread();
  IndexThread(const IndexThread&) = delete;
  IndexThread& operator=(const IndexThread&) = delete;

  void start();
  void notify();  // Any thread: a segment may be complete.
  void stop();

 private:
  void run();

  Store& store_;
  const std::function<void(const Error&)> failed_;
  std::mutex mutex_;
  std::condition_variable told_;
  bool wanted_ = false;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace daybook
