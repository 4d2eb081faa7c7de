#include "daemon/threads/committer.h"

#include <utility>

#include "daemon/threads/io_thread.h"
#include "daemon/threads/name.h"
#include "storage/base/limits.h"

namespace daybook {
namespace {

// What is decided before the writer looks again whether answers are due.
constexpr std::size_t kTurnBytes = 128 << 10;
// A smaller commit is synced by the writer itself: waking another thread would cost more.
constexpr std::size_t kSyncAsideBytes = 64 << 10;

}  // namespace

struct Committer::Enqueue {
  Committer* committer;
  Job* job;
  bool* taken;  // in the caller's frame
  void operator()(Suspension caller) {
    *taken = committer->take(*job, caller);
    if (*taken) {
      committer->changed_.notify_one();
    } else {
      caller->home().resume(std::move(caller));
    }
  }
};

Committer::Committer(Store& store, Bounds bounds, std::function<void(const CommitFacts&)> after)
    : store_(store),
      bounds_(bounds),
      after_(std::move(after)),
      syncer_(store.writer(), [this] { synced(); }) {}

Committer::~Committer() {
  stop();
}

void Committer::start() {
  syncer_.start();
  thread_ = std::thread(&Committer::run, this);
}

// Decides under one lock: after a stop nothing comes in that nobody would answer.
bool Committer::take(Job& job, Suspension& caller) {
  const std::size_t size = bytes(job.command);
  const std::scoped_lock lock(mutex_);
  if (closed_ || queue_.size() >= bounds_.jobs) return false;
  if (!queue_.empty() && queued_bytes_ + size > bounds_.bytes) return false;
  queue_.push_back({&job, size, std::move(caller)});
  queued_bytes_ += size;
  return true;
}

Awaitable<bool> Committer::submit(Job& job) {
  bool taken = false;
  Enqueue enqueue{this, &job, &taken};
  co_await suspend(IoThread::current(), enqueue);
  co_return taken;
}

void Committer::stop() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  syncer_.stop();
}

void Committer::synced() {
  {
    const std::scoped_lock lock(mutex_);
    synced_ = true;
  }
  changed_.notify_one();
}

void Committer::run() {
  name_thread("writer");
  for (;;) {
    Turn turn = wait();
    if (turn.taken.empty() && !turn.synced) return;
    if (turn.synced) answer(*std::exchange(syncing_, std::nullopt));
    decide(std::move(turn.taken));
    if (deciding_ && !syncing_) send();
  }
}

// Whether a command still belongs to the commit that is being decided.
bool Committer::fits(const Queued& queued, std::size_t taken) const {
  const std::size_t bytes = taken + (deciding_ ? deciding_->bytes : 0);
  return bytes == 0 || bytes + queued.bytes <= limits::group_commit_bytes;
}

Committer::Turn Committer::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] {
    if (queue_.empty()) return synced_ || (closed_ && !syncing_);
    return synced_ || fits(queue_.front(), 0);
  });
  Turn turn{.taken = {}, .synced = std::exchange(synced_, false)};
  std::size_t taken = 0;
  while (!queue_.empty() && taken < kTurnBytes && fits(queue_.front(), taken)) {
    Queued& next = queue_.front();
    taken += next.bytes;
    queued_bytes_ -= next.bytes;
    turn.taken.push_back(std::move(next));
    queue_.pop_front();
  }
  return turn;
}

void Committer::decide(std::vector<Queued> taken) {
  for (Queued& queued : taken) {
    if (!deciding_) deciding_.emplace(store_.writer().begin(), std::vector<Suspension>{}, 0);
    store_.writer().decide(*queued.job, deciding_->commit);
    deciding_->callers.push_back(std::move(queued.caller));
    deciding_->bytes += queued.bytes;
  }
}

void Committer::send() {
  Batch batch = *std::exchange(deciding_, std::nullopt);
  store_.writer().seal(batch.commit);
  if (batch.bytes >= kSyncAsideBytes) {
    syncing_ = std::move(batch);
    syncer_.sync(syncing_->commit);
  } else {
    store_.writer().sync(batch.commit);
    answer(std::move(batch));
  }
}

void Committer::answer(Batch batch) {
  const Offset before = store_.committed();
  store_.writer().finish(batch.commit);
  after_({.jobs = batch.callers.size(),
          .events = store_.committed() - before,
          .sync_time = batch.commit.sync_time});
  resume_all(std::move(batch.callers));
}

}  // namespace daybook
