// A daemon whose index is gone, held in the middle of the rebuild by its disk: what it answers then
// and afterwards.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "daemon/daemon.h"
#include "protocol/client/http_client.h"
#include "storage/engine/crash_file_system.h"

namespace daybook {
namespace {

using std::chrono::seconds;

// Lets the first syncs of posting files pass and holds the next one until `open`.
class Gate {
 public:
  explicit Gate(int passing) : passing_(passing) {}
  void enter(const std::string& path) {
    if (path.find("/posting-postings") == std::string::npos) return;
    std::unique_lock lock(mutex_);
    if (passing_-- > 0) return;
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
  int passing_;
  bool reached_ = false;
  bool open_ = false;
};

// A daemon that stops ends its read threads, and next the index thread.
bool wait_until_reads_have_ended() {
  const auto is_read_thread = [](const std::filesystem::directory_entry& task) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    return name == "read";
  };
  const auto deadline = std::chrono::steady_clock::now() + seconds(60);
  while (std::chrono::steady_clock::now() < deadline) {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    if (std::none_of(begin(tasks), end(tasks), is_read_thread)) return true;
    std::this_thread::yield();
  }
  return false;
}

constexpr int kBatches = 30;
constexpr int kBatch = 100;

class RecoveryTest : public testing::Test {
 protected:
  RecoveryTest() {
    std::string pattern = testing::TempDir() + "daybook-recovery-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~RecoveryTest() override {
    stop();
    disk_.reset();
    std::filesystem::remove_all(root_);
  }

  // With so small a window a chunk is posted for each 1 MiB of events.
  void start() {
    config::Config config;
    config.server.listen = {"127.0.0.1:0"};
    config.storage.data_dir = root_ + "/data";
    config.storage.window_bytes = 4 << 20;
    config.storage.reserve_bytes = 0;
    daemon_ = std::make_unique<Daemon>(
        config, [] { ADD_FAILURE() << "the daemon failed"; }, disk_.get());
    const auto started = daemon_->start();
    ASSERT_TRUE(started) << started.error().detail;
    const std::string endpoint = daemon_->endpoints().front();
    auto url = client::parse_url("http://" + endpoint);
    ASSERT_TRUE(url);
    client_ = std::make_unique<client::HttpClient>(*url);
  }
  void stop() {
    client_.reset();
    if (daemon_) {
      EXPECT_TRUE(daemon_->stop());
    }
    daemon_.reset();
  }

  client::HttpResponse send(const std::string& method, const std::string& target,
                            const std::string& body = "") {
    auto reply = client_->send({.method = method, .target = target, .body = body});
    EXPECT_TRUE(reply) << reply.error().detail;
    return reply ? *reply : client::HttpResponse{};
  }
  client::HttpResponse get(const std::string& target) { return send("GET", target); }
  void wait_ready() {
    const auto deadline = std::chrono::steady_clock::now() + seconds(60);
    while (get("/health/ready").status != 200) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::yield();
    }
  }

  static std::string batch(int number) {
    std::string body = "[";
    for (int i = 0; i < kBatch; ++i)
      body += std::string(i ? "," : "") +
              R"({"event_type":"t","aggregate_type":"a","aggregate_id":"1","tags":["b)" +
              std::to_string(number) + R"("],"payload":")" + std::string(1000, 'x') + "\"}";
    return body + "]";
  }
  // 3000 events and a group; then the index goes.
  void make_log_without_index() {
    start();
    wait_ready();
    for (int i = 0; i < kBatches; ++i)
      while (send("POST", "/v1/events", batch(i)).status == 503) std::this_thread::yield();
    EXPECT_EQ(201u, send("PUT", "/v1/groups/g", R"({"mode":"log"})").status);
    stop();
    std::filesystem::remove_all(root_ + "/data/index");
    disk_ = std::make_unique<engine::CrashFileSystem>(root_ + "/scratch");
  }

  void expect_recovering(const client::HttpResponse& reply) {
    EXPECT_EQ(503u, reply.status) << reply.body;
    EXPECT_NE(std::string::npos, reply.body.find(R"("code":"recovering")")) << reply.body;
    EXPECT_NE("", reply.header("retry-after"));
  }

  std::string root_;
  std::unique_ptr<engine::CrashFileSystem> disk_;  // once the log is made
  std::unique_ptr<Daemon> daemon_;
  std::unique_ptr<client::HttpClient> client_;
};

TEST_F(RecoveryTest, ReadsByOffsetAndGroupsGoOnWhileTheIndexIsRebuilt) {
  make_log_without_index();
  Gate gate(1);
  disk_->on_sync([&gate](const std::string& path) { gate.enter(path); });
  start();
  ASSERT_TRUE(gate.wait_until_reached());

  const auto ready = get("/health/ready");
  EXPECT_EQ(503u, ready.status);
  EXPECT_NE(std::string::npos, ready.body.find(" of 3000 events")) << ready.body;
  EXPECT_EQ(200u, get("/health/live").status);
  const auto status = get("/v1/status");
  EXPECT_NE(std::string::npos, status.body.find(R"("head":3000)")) << status.body;
  EXPECT_EQ(std::string::npos, status.body.find(R"("indexed":0,)")) << status.body;

  for (const char* target : {"/v1/events?limit=5", "/v1/events?after=2990", "/v1/offsets/1234",
                             "/v1/events?order=desc&limit=2", "/v1/groups", "/v1/groups/g"})
    EXPECT_EQ(200u, get(target).status) << target;
  EXPECT_EQ(200u, send("POST", "/v1/groups/g/commit", R"({"offset":17})").status);
  for (const char* target : {"/v1/events?tag=b1", "/v1/events?event_type=t", "/v1/events/some-id",
                             "/v1/aggregates", "/v1/aggregates/a/1", "/v1/aggregates/a/1/events"})
    expect_recovering(get(target));
  expect_recovering(send("POST", "/v1/events", batch(0)));

  gate.open();
  wait_ready();
  EXPECT_EQ(200u, get("/v1/aggregates/a/1").status);
  EXPECT_NE(std::string::npos, get("/v1/events?tag=b1&limit=1").body.find("\"offset\":101,"));
  EXPECT_EQ(201u, send("POST", "/v1/events", batch(0)).status);
  EXPECT_NE(std::string::npos, get("/v1/groups/g").body.find("17"));
  disk_->on_sync(nullptr);
}

TEST_F(RecoveryTest, AStopDuringARebuildEndsItAndTheNextStartGoesOn) {
  make_log_without_index();
  Gate first(0);
  disk_->on_sync([&first](const std::string& path) { first.enter(path); });
  start();
  ASSERT_TRUE(first.wait_until_reached());
  std::thread stopper([this] { stop(); });
  const bool stopping = wait_until_reads_have_ended();
  first.open();
  stopper.join();
  ASSERT_TRUE(stopping);

  // Had the rebuild run to its end, there would be nothing left to post.
  Gate second(0);
  disk_->on_sync([&second](const std::string& path) { second.enter(path); });
  start();
  EXPECT_TRUE(second.wait_until_reached());
  const auto status = get("/v1/status");
  EXPECT_EQ(std::string::npos, status.body.find(R"("indexed":0,)")) << status.body;
  second.open();
  wait_ready();
  EXPECT_NE(std::string::npos, get("/v1/events?tag=b29&limit=1").body.find("\"offset\":2901,"));
  disk_->on_sync(nullptr);
}

}  // namespace
}  // namespace daybook
