#include "daemon/threads/index_thread.h"

#include "daemon/threads/name.h"

namespace daybook {

IndexThread::IndexThread(Store& store, std::function<void(const Error&)> failed)
    : store_(store), failed_(std::move(failed)) {}

IndexThread::~IndexThread() {
  stop();
}

void IndexThread::start() {
  thread_ = std::thread(&IndexThread::run, this);
}

void IndexThread::notify() {
  {
    const std::scoped_lock lock(mutex_);
    wanted_ = true;
  }
  told_.notify_one();
}

void IndexThread::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  told_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void IndexThread::run() {
  name_thread("index");
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      told_.wait(lock, [this] { return wanted_ || stopped_; });
      if (stopped_) return;
      wanted_ = false;
    }
    auto posted = store_.post_next();
    while (posted && *posted) posted = store_.post_next();
    if (!posted) return failed_(posted.error());
  }
}

}  // namespace daybook
