// The thread that brings the index up to the book at start, and then posts complete segments into
// it. The writer never waits for it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "storage/store.h"

namespace daybook {

class IndexThread {
 public:
  // Each is told on the index thread.
  struct Listener {
    std::function<void()> rebuilt_more;        // one more chunk of a rebuild is posted
    std::function<void()> recovered;           // once: everything can be asked
    std::function<void(const Error&)> failed;  // the thread has ended then
  };
  IndexThread(Store& store, Listener listener);
  ~IndexThread();
  IndexThread(const IndexThread&) = delete;
  IndexThread& operator=(const IndexThread&) = delete;

  void start();
  void notify();  // Any thread: a segment may be complete.
  void stop();

 private:
  void run();
  Result<void> recover();
  Result<void> post();
  bool stopped();

  Store& store_;
  const Listener listener_;
  std::mutex mutex_;
  std::condition_variable told_;
  bool wanted_ = false;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace daybook
