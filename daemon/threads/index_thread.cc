#include "daemon/threads/index_thread.h"

#include "daemon/threads/name.h"

namespace daybook {

IndexThread::IndexThread(Store& store, Listener listener)
    : store_(store), listener_(std::move(listener)) {}

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

bool IndexThread::stopped() {
  const std::scoped_lock lock(mutex_);
  return stopped_;
}

void IndexThread::run() {
  name_thread("index");
  auto done = recover();
  if (done) done = post();
  if (!done) listener_.failed(done.error());
}

Result<void> IndexThread::recover() {
  Offset posted = store_.index().posted();
  for (;;) {
    if (stopped()) return {};
    auto more = store_.recover_next();
    if (!more) return more.error();
    if (!*more) break;
    if (store_.index().posted() == posted) continue;
    posted = store_.index().posted();
    listener_.rebuilt_more();
  }
  listener_.recovered();
  return {};
}

// Until the stop.
Result<void> IndexThread::post() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      told_.wait(lock, [this] { return wanted_ || stopped_; });
      if (stopped_) return {};
      wanted_ = false;
    }
    auto posted = store_.post_next();
    while (posted && *posted) posted = store_.post_next();
    if (!posted) return posted.error();
  }
}

}  // namespace daybook
