#include "daemon/threads/syncer.h"

#include "daemon/threads/name.h"
#include "storage/base/check.h"

namespace daybook {

Syncer::Syncer(LogWriter& writer, std::function<void()> done)
    : writer_(writer), done_(std::move(done)) {}

Syncer::~Syncer() {
  stop();
}

void Syncer::start() {
  thread_ = std::thread(&Syncer::run, this);
}

void Syncer::sync(PendingCommit& commit) {
  {
    const std::scoped_lock lock(mutex_);
    CHECK(commit_ == nullptr);
    commit_ = &commit;
  }
  given_.notify_one();
}

void Syncer::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  given_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Syncer::run() {
  name_thread("syncer");
  for (;;) {
    std::unique_lock lock(mutex_);
    given_.wait(lock, [this] { return stopped_ || commit_ != nullptr; });
    if (commit_ == nullptr) return;
    PendingCommit& commit = *std::exchange(commit_, nullptr);
    lock.unlock();
    writer_.sync(commit);
    done_();
  }
}

}  // namespace daybook
