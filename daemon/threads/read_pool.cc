#include "daemon/threads/read_pool.h"

#include "daemon/threads/io_thread.h"
#include "daemon/threads/name.h"

namespace daybook {

struct ReadPool::Enqueue {
  ReadPool* pool;
  std::function<void()> work;
  void operator()(Suspension caller) {
    {
      const std::scoped_lock lock(pool->mutex_);
      pool->tasks_.push_back({std::move(work), std::move(caller)});
    }
    pool->filled_.notify_one();
  }
};

ReadPool::ReadPool(std::size_t threads, std::size_t waiting_max) : waiting_max_(waiting_max) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back(&ReadPool::work, this);
}

ReadPool::~ReadPool() {
  stop();
}

Awaitable<bool> ReadPool::run(std::function<void()> task) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_ || tasks_.size() >= waiting_max_) co_return false;
  }
  co_await suspend(IoThread::current(), Enqueue{this, std::move(task)});
  co_return true;
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
    IoThread& home = task.caller->home();
    std::vector<Suspension> one;
    one.push_back(std::move(task.caller));
    home.resume(std::move(one));
  }
}

}  // namespace daybook
