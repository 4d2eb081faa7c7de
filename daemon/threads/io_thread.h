// The threads that serve connections, and those of the followers. Each has its own event loop, so
// that everything of one connection runs on one thread, without locks. Nothing here may block or
// touch RocksDB's disk.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <list>
#include <memory>
#include <thread>
#include <vector>

#include "daemon/threads/suspend.h"
#include "protocol/json/event_texts.h"
#include "storage/model/interests.h"

namespace daybook {

class Listeners;

class IoThread {
 public:
  // `name`: as tools show it, at most 15 bytes.
  explicit IoThread(const char* name = "io");
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  // The thread that calls; only from coroutines that run on one.
  static IoThread& current();

  boost::asio::io_context& context() { return context_; }
  Listeners& listeners() { return *listeners_; }
  json::EventTexts& event_texts() { return event_texts_; }

  void start();
  // Lets the loop end once nothing is left to do, and waits for it.
  void join();
  void stop() { context_.stop(); }

  // Any thread: resumes them all in one turn of the loop.
  void resume(std::vector<Suspension> suspensions);
  void resume(Suspension suspension);

 private:
  void run();

  const char* const name_;
  Interests interests_;
  json::EventTexts event_texts_;
  boost::asio::io_context context_{1};  // Coroutines that end with it use what stands above.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<Listeners> listeners_;
  std::thread thread_;
};

// Any thread: resumes each at home, in one turn of each loop.
void resume_all(std::vector<Suspension> suspensions);

class IoThreads {
 public:
  explicit IoThreads(std::size_t count);
  void start();
  IoThread& next();  // round robin
  template <class Visit>
  void each(Visit visit) {
    for (auto& thread : threads_) visit(*thread);
  }

 private:
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::atomic<std::size_t> next_{0};
};

}  // namespace daybook
