#include "tests/daemon/followers/daemon_fixture.h"

#include <stdlib.h>

#include <filesystem>
#include <thread>

namespace daybook::test {

using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kDeadline{60};

}  // namespace

DaemonTest::DaemonTest() {
  std::string pattern = testing::TempDir() + "daybook-followers-XXXXXX";
  root_ = ::mkdtemp(pattern.data());
  config_.server.listen = {"127.0.0.1:0"};
  config_.storage.data_dir = root_ + "/data";
  config_.storage.reserve_bytes = 0;
}

DaemonTest::~DaemonTest() {
  stop();
  std::filesystem::remove_all(root_);
}

void DaemonTest::start() {
  daemon_ = std::make_unique<Daemon>(config_, [] { ADD_FAILURE() << "the daemon failed"; });
  const auto started = daemon_->start();
  ASSERT_TRUE(started) << started.error().detail;
  auto url = client::parse_url("http://" + daemon_->endpoints().front());
  ASSERT_TRUE(url);
  client_ = std::make_unique<client::HttpClient>(*url, kDeadline);
  const auto deadline = steady_clock::now() + kDeadline;
  while (send("GET", "/health/ready").status != 200) {
    ASSERT_LT(steady_clock::now(), deadline) << "it is not ready";
    std::this_thread::yield();
  }
}

void DaemonTest::stop() {
  client_.reset();
  if (daemon_) {
    EXPECT_TRUE(daemon_->stop());
  }
  daemon_.reset();
}

client::HttpResponse DaemonTest::send(const std::string& method, const std::string& target,
                                      const std::string& body) {
  const auto reply = client_->send({.method = method, .target = target, .body = body});
  EXPECT_TRUE(reply) << reply.error().detail;
  return reply ? *reply : client::HttpResponse{};
}

std::string DaemonTest::get(const std::string& target) {
  const auto reply = send("GET", target);
  EXPECT_EQ(200u, reply.status) << target << ": " << reply.body;
  return reply.body;
}

void DaemonTest::append(int count, const std::string& event_type) {
  const std::string event = R"({"event_type":")" + event_type +
                            R"(","aggregate_type":"thing","aggregate_id":"1","payload":{"n":1}})";
  std::string body = "[" + event;
  for (int i = 1; i < count; ++i) body += "," + event;
  const auto reply = send("POST", "/v1/events", body + "]");
  ASSERT_EQ(201u, reply.status) << reply.body;
}

void DaemonTest::expect_reached(const std::string& projection, std::uint64_t offset) {
  const auto reply = client_->send(
      {.target = "/v1/projections/" + projection,
       .headers = {{"Daybook-Min-Offset", std::to_string(offset)}, {"Daybook-Wait-Ms", "60000"}}});
  ASSERT_TRUE(reply) << reply.error().detail;
  EXPECT_EQ(200u, reply->status) << reply->body;
}

void DaemonTest::expect_shown(const std::string& projection, const std::string& text) {
  const auto deadline = steady_clock::now() + kDeadline;
  std::string shown;
  while (shown.find(text) == std::string::npos) {
    ASSERT_LT(steady_clock::now(), deadline) << "not there: " << text << "\nbut: " << shown;
    shown = send("GET", "/v1/projections/" + projection).body;
  }
}

}  // namespace daybook::test
