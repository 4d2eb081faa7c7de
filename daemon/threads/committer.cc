#include "daemon/threads/committer.h"

#include <map>

#include "daemon/threads/io_thread.h"
#include "daemon/threads/name.h"
#include "storage/base/limits.h"

namespace daybook {

struct Committer::Enqueue {
  Committer* committer;
  Job* job;
  std::size_t bytes;
  void operator()(Suspension caller) {
    {
      const std::scoped_lock lock(committer->mutex_);
      committer->queue_.push_back({job, bytes, std::move(caller)});
      committer->queued_bytes_ += bytes;
    }
    committer->filled_.notify_one();
  }
};

Committer::Committer(Store& store, Bounds bounds, std::function<void(const GroupCommit&)> after)
    : store_(store), bounds_(bounds), after_(std::move(after)) {}

Committer::~Committer() {
  stop();
}

void Committer::start() {
  thread_ = std::thread(&Committer::run, this);
}

bool Committer::has_room(std::size_t bytes) const {
  const std::scoped_lock lock(mutex_);
  if (closed_ || queue_.size() >= bounds_.jobs) return false;
  return queue_.empty() || queued_bytes_ + bytes <= bounds_.bytes;
}

Awaitable<bool> Committer::submit(Job& job) {
  const std::size_t size = bytes(job.command);
  if (!has_room(size)) co_return false;
  co_await suspend(IoThread::current(), Enqueue{this, &job, size});
  co_return true;
}

void Committer::stop() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  filled_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Committer::run() {
  name_thread("writer");
  for (;;) {
    std::vector<Queued> group = next_group();
    if (group.empty()) return;
    apply(std::move(group));
  }
}

// What has gathered, up to the bytes of one group or one command.
std::vector<Committer::Queued> Committer::next_group() {
  std::vector<Queued> group;
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [this] { return closed_ || !queue_.empty(); });
  std::size_t taken = 0;
  while (!queue_.empty()) {
    Queued& next = queue_.front();
    if (!group.empty() && taken + next.bytes > limits::group_commit_bytes) break;
    taken += next.bytes;
    queued_bytes_ -= next.bytes;
    group.push_back(std::move(next));
    queue_.pop_front();
  }
  return group;
}

void Committer::apply(std::vector<Queued> group) {
  const Offset before = store_.committed();
  std::vector<Job*> jobs;
  jobs.reserve(group.size());
  for (const Queued& queued : group) jobs.push_back(queued.job);
  store_.apply(jobs);
  after_({.jobs = jobs.size(),
          .events = store_.committed() - before,
          .sync_time = store_.last_sync_time()});

  std::map<IoThread*, std::vector<Suspension>> by_thread;
  for (Queued& queued : group) {
    IoThread* const home = &queued.caller->home();
    by_thread[home].push_back(std::move(queued.caller));
  }
  for (auto& [thread, suspensions] : by_thread) thread->resume(std::move(suspensions));
}

}  // namespace daybook
