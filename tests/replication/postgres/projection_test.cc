#include "tests/replication/postgres/projection_test.h"

#include <boost/asio/co_spawn.hpp>
#include <map>

namespace daybook::postgres {

using std::chrono::milliseconds;

void ProjectionTest::TearDown() {
  for (Running& running : running_) stop(running);
}

ProjectionSettings ProjectionTest::settings() const {
  return {.name = name_,
          .target = target_,
          .log_id = log_id_,
          .definition = definition_,
          .make_tables = make_tables_,
          .page_events = page_events_};
}

std::unique_ptr<Sink> ProjectionTest::live() {
  return std::make_unique<LiveSink>(context_.get_executor(), settings(), counts_,
                                    [this] { ++builds_asked_; });
}

std::unique_ptr<Sink> ProjectionTest::build() {
  return std::make_unique<BuildSink>(context_.get_executor(), settings(), counts_);
}

ProjectionTest::Running& ProjectionTest::follow(std::unique_ptr<Sink> sink) {
  Running& running = running_.emplace_back();
  const auto executor = context_.get_executor();
  Follower::Listener listener{
      .changed =
          [&running](const FollowerState& state) {
            std::string line(name(state.phase));
            if (!state.trouble.empty()) line += ": " + state.trouble;
            running.told.push_back(std::move(line));
          },
      .moved = [&running](Offset to) { running.moved.push_back(to.value); }};
  running.follower = std::make_shared<Follower>(
      executor, name_, std::make_unique<testing::MemoryFeed>(executor, log_), std::move(sink),
      std::move(listener), BackoffBounds{.shortest = milliseconds(1), .longest = milliseconds(50)});
  boost::asio::co_spawn(context_, Follower::run(running.follower),
                        [&running](std::exception_ptr error) {
                          running.is_over = true;
                          if (error) std::rethrow_exception(error);
                        });
  return running;
}

void ProjectionTest::stop(Running& running) {
  running.follower->stop();
  until([&] { return running.is_over; });
}

Result<Offset> ProjectionTest::open(Sink& sink) {
  Result<Offset> opened;
  until([&] {
    opened = run(sink.open());
    return opened || opened.error().code != Errc::standby;
  });
  return opened;
}

Offset ProjectionTest::add(std::string payload) {
  const std::string aggregate = std::to_string(log_.head().value % 3);
  return log_.add({.aggregate_id = aggregate, .payload = std::move(payload)});
}

void ProjectionTest::add(int count) {
  for (int i = 0; i < count; ++i) add(R"({"n": )" + std::to_string(i) + R"(, "path": "c:\\x"})");
}

void ProjectionTest::until_posted(const Running& running) {
  until([&] { return running.state().checkpoint == log_.head(); });
  if (HasFatalFailure()) FAIL() << ::testing::PrintToString(running.told);
}

void ProjectionTest::until_told(const Running& running, const std::string& part) {
  until([&] {
    for (const std::string& line : running.told)
      if (line.find(part) != std::string::npos) return true;
    return false;
  });
  if (HasFatalFailure()) FAIL() << ::testing::PrintToString(running.told);
}

std::vector<std::uint64_t> ProjectionTest::offsets(const std::string& statement) const {
  std::vector<std::uint64_t> found;
  for (const auto& row : server_.run_sql(database_, statement))
    found.push_back(std::stoull(row.at(0)));
  return found;
}

std::vector<std::uint64_t> ProjectionTest::posted() const {
  return offsets("SELECT log_offset FROM things ORDER BY log_offset");
}

std::vector<std::uint64_t> ProjectionTest::failed() const {
  return offsets(
      "SELECT f.log_offset FROM daybook.failures f JOIN daybook.checkpoints c "
      "ON c.name = f.projection AND c.generation = f.generation ORDER BY f.log_offset");
}

std::vector<std::uint64_t> ProjectionTest::all() const {
  std::vector<std::uint64_t> every;
  for (std::uint64_t i = 1; i <= log_.head().value; ++i) every.push_back(i);
  return every;
}

void ProjectionTest::expect_exact() const {
  const std::vector<std::uint64_t> apart = failed();
  std::vector<std::uint64_t> good;
  std::map<std::string, std::uint64_t> heads;
  for (const std::uint64_t offset : all()) {
    const testing::LoggedEvent& event = log_.at(Offset{offset});
    heads[event.aggregate_id] = event.sequence.value;
    if (!std::binary_search(apart.begin(), apart.end(), offset)) good.push_back(offset);
  }
  EXPECT_EQ(good, posted());
  for (const auto& row : server_.run_sql(database_, "SELECT log_offset, payload FROM things")) {
    const auto& event = log_.at(Offset{std::stoull(row[0])});
    EXPECT_EQ(event.payload, row[1]) << row[0];
  }
  std::map<std::string, std::uint64_t> shown;
  for (const auto& row : server_.run_sql(database_, "SELECT aggregate_id, head FROM heads"))
    shown[row[0]] = std::stoull(row[1]);
  EXPECT_EQ(heads, shown);
  EXPECT_EQ(std::to_string(log_.head().value),
            value("SELECT log_offset FROM daybook.checkpoints WHERE name = 'things'"));
  EXPECT_EQ(apart.size(), counts_->failures);
  EXPECT_EQ(value("SELECT generation FROM daybook.checkpoints WHERE name = 'things'"),
            std::to_string(counts_->generation));
}

}  // namespace daybook::postgres
