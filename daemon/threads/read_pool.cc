#include "daemon/threads/read_pool.h"

#include "daemon/threads/io_thread.h"
#include "daemon/threads/name.h"

namespace daybook {

struct ReadPool::Enqueue {
  ReadPool* pool;
  std::function<void()> work;
  bool* taken;  // in the caller's frame
  void operator()(Suspension caller) {
    *taken = pool->take(work, caller);
    if (*taken) {
      pool->filled_.notify_one();
    } else {
      caller->home().resume(std::move(caller));
    }
  }
};

ReadPool::ReadPool(std::size_t threads, std::size_t waiting_max) : waiting_max_(waiting_max) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back(&ReadPool::work, this);
}

ReadPool::~ReadPool() {
  stop();
}

// Decides under one lock: after a stop nothing comes in that nobody would run.
bool ReadPool::take(std::function<void()>& work, Suspension& caller) {
  const std::scoped_lock lock(mutex_);
  if (stopped_ || tasks_.size() >= waiting_max_) return false;
  tasks_.push_back({std::move(work), std::move(caller)});
  return true;
}

Awaitable<bool> ReadPool::run(std::function<void()> task) {
  bool taken = false;
  Enqueue enqueue{this, std::move(task), &taken};
  co_await suspend(IoThread::current(), std::move(enqueue));
  co_return taken;
}

void ReadPool::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  filled_.notify_all();
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

void ReadPool::work() {
  name_thread("read");
  for (;;) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return stopped_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task.work();
    task.caller->home().resume(std::move(task.caller));
  }
}

}  // namespace daybook
