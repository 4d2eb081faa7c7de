// Commits that overlap, stop and fail, over a disk that is held in its sync.
#include "daemon/threads/committer.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "daemon/threads/io_thread.h"
#include "storage/base/check.h"
#include "storage/engine/crash_file_system.h"
#include "tests/storage/store_fixture.h"

namespace daybook::test {
namespace {

using std::chrono::seconds;

// Holds what enters until `open`.
class Gate {
 public:
  void enter() {
    std::unique_lock lock(mutex_);
    reached_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  bool wait_until_reached() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(60), [this] { return reached_; });
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool reached_ = false;
  bool open_ = false;
};

constexpr std::size_t kLarge = 100 << 10;  // synced beside the writer
constexpr std::size_t kFills = 2 << 20;    // more than one commit takes, alone in its own

Awaitable<bool> submit(Committer& committer, Job& job, std::vector<Job*>& answered) {
  const bool taken = co_await committer.submit(job);
  if (taken) answered.push_back(&job);
  co_return taken;
}

class CommitterTest : public StoreTest {
 protected:
  struct Sent {
    std::unique_ptr<Job> job;
    std::future<bool> taken;  // once it is answered
  };

  CommitterTest() {
    store_.reset();
    options_.data_dir = dir_.path() + "/data";
    options_.file_system = &disk_;
    open();
    disk_.on_sync([this](const std::string& path) {
      if (path.find("/book/") != std::string::npos) gate_.enter();
    });
    io_.start();
  }
  ~CommitterTest() override {
    gate_.open();
    if (committer_) committer_->stop();
    io_.join();
    committer_.reset();
    disk_.on_sync(nullptr);
    store_.reset();  // before its file system
  }

  void start(Committer::Bounds bounds) {
    committer_ = std::make_unique<Committer>(*store_, bounds, [this](const CommitFacts& facts) {
      commits_.push_back(facts.jobs);
      appends_.push_back(disk_.counts().appends);
    });
    committer_->start();
  }

  Sent send(std::size_t bytes) {
    Sent sent{.job = job_of({.events = {{.payload = std::string(bytes, ' ')}}}), .taken = {}};
    sent.taken = boost::asio::co_spawn(io_.context(), submit(*committer_, *sent.job, answered_),
                                       boost::asio::use_future);
    return sent;
  }
  static bool is_answered(const Sent& sent) {
    return sent.taken.wait_for(seconds(0)) == std::future_status::ready;
  }
  // A refusal is back after a few turns of the io thread's loop.
  bool is_refused(const Sent& sent) {
    for (int turn = 0; turn < 20; ++turn)
      boost::asio::post(io_.context(), boost::asio::use_future).wait();
    return is_answered(sent);
  }
  // Until it is in the queue: the writer has to take what stands there first.
  Sent send_until_taken(std::size_t bytes) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(60);
    for (;;) {
      Sent sent = send(bytes);
      if (!is_refused(sent)) return sent;
      EXPECT_FALSE(sent.taken.get());
      if (std::chrono::steady_clock::now() < deadline) continue;
      ADD_FAILURE() << "the writer takes nothing";
      return sent;
    }
  }
  // The first of all: on its way to the disk when this returns.
  Sent send_held() {
    Sent sent = send(kLarge);
    EXPECT_TRUE(gate_.wait_until_reached());
    return sent;
  }
  static bool taken(Sent& sent) {
    CHECK(sent.taken.wait_for(seconds(60)) == std::future_status::ready);
    return sent.taken.get();
  }
  void expect_refusal_when_full() {
    Sent first = send_held();
    Sent second = send_until_taken(kFills);  // the next commit, and no room in it
    Sent third = send_until_taken(kFills);   // all that may wait
    Sent fourth = send(kLarge);
    EXPECT_FALSE(taken(fourth));
    EXPECT_EQ("internal", code_of(fourth.job->result)) << "untouched";
    gate_.open();
    EXPECT_TRUE(taken(first) && taken(second) && taken(third));
  }

  engine::CrashFileSystem disk_{dir_.path() + "/scratch"};
  Gate gate_;
  std::vector<Job*> answered_;          // the io thread, in order
  std::vector<std::size_t> commits_;    // the writer: jobs
  std::vector<std::uint64_t> appends_;  // the writer: of the disk, after each commit
  IoThread io_;
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterTest, TheNextCommitIsDecidedWhileOneIsHeldInItsSync) {
  start({.jobs = 1});
  Sent first = send_held();
  Sent second = send_until_taken(kLarge);
  Sent third = send_until_taken(kLarge);  // so the writer has taken the second
  EXPECT_FALSE(is_answered(first) || is_answered(second) || is_answered(third));
  EXPECT_EQ(Offset{0}, store_->committed());
  gate_.open();
  ASSERT_TRUE(taken(first) && taken(second) && taken(third));
  committer_->stop();
  EXPECT_EQ((std::vector<Job*>{first.job.get(), second.job.get(), third.job.get()}), answered_);
  EXPECT_EQ((std::vector<std::size_t>{1, 2}), commits_);
  for (const Sent* sent : {&first, &second, &third}) EXPECT_EQ("ok", code_of(sent->job->result));
  EXPECT_EQ(Offset{3}, store_->committed());
}

TEST_F(CommitterTest, AStopWhileACommitIsHeldAnswersEverything) {
  start({});
  std::vector<Sent> all;
  all.push_back(send_held());
  all.push_back(send(kLarge));
  all.push_back(send(kFills));
  EXPECT_FALSE(is_refused(all.back()));
  std::thread stopper([this] { committer_->stop(); });
  const auto deadline = std::chrono::steady_clock::now() + seconds(60);
  do {
    all.push_back(send(1));
  } while (!is_refused(all.back()) && std::chrono::steady_clock::now() < deadline);
  EXPECT_FALSE(is_answered(all.front()));
  gate_.open();
  stopper.join();
  EXPECT_FALSE(taken(all.back())) << "closed";
  all.pop_back();
  for (Sent& sent : all) {
    EXPECT_TRUE(taken(sent));
    EXPECT_EQ("ok", code_of(sent.job->result));
  }
  EXPECT_EQ(Offset{all.size()}, store_->committed());
}

TEST_F(CommitterTest, AfterAFailedSyncWhatWasDecidedMeanwhileIsNotWritten) {
  start({.jobs = 1});
  disk_.plan({.on = engine::Fault::On::sync, .nth = 1, .path_contains = "/book/"});
  Sent first = send_held();
  Sent second = send_until_taken(kLarge);
  Sent third = send_until_taken(kLarge);
  gate_.open();
  ASSERT_TRUE(taken(first) && taken(second) && taken(third));
  committer_->stop();
  for (const Sent* sent : {&first, &second, &third})
    EXPECT_EQ("io_failed", code_of(sent->job->result));
  ASSERT_EQ((std::vector<std::size_t>{1, 2}), commits_);
  EXPECT_EQ(appends_[0], appends_[1]) << "what follows a failed sync is not written";
  EXPECT_EQ(Offset{0}, store_->committed());
}

TEST_F(CommitterTest, OverItsBoundOfJobsTheQueueRefuses) {
  start({.jobs = 1});
  expect_refusal_when_full();
}

TEST_F(CommitterTest, OverItsBoundOfBytesTheQueueRefuses) {
  start({.bytes = kFills});
  expect_refusal_when_full();
}

}  // namespace
}  // namespace daybook::test
