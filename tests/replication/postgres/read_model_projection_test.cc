// Read models behind the loop of followers: exact over kills of either side, failures, a changed
// declaration.
#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <random>

#include "replication/follower/follower.h"
#include "replication/postgres/projection_sink.h"
#include "replication/postgres/read_model.h"
#include "tests/replication/memory_feed.h"
#include "tests/replication/postgres/postgres_server.h"

namespace daybook::postgres {
namespace {

using daybook::testing::LoggedEvent;
using daybook::testing::MemoryFeed;
using daybook::testing::MemoryLog;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using Row = PostgresServer::Row;

constexpr std::string_view kTotals =
    R"({"name":"totals","table":"totals","columns":{"agent":"text","events":"bigint",)"
    R"("cost":"numeric","last":"bigint"},"key":{"agent":"/aggregate_id"},"on":[)"
    R"({"event_type":"task.*","increment":{"events":1,"cost":"/payload/cost"},)"
    R"("set":{"last":"/offset"}}]})";

ProjectionSettings settings_for(const std::string& target, std::string_view definition) {
  return {.name = "totals",
          .target = target,
          .log_id = "0197a0c8-0000-7000-8000-000000000001",
          .definition = std::string(definition),
          .make_tables = make_read_model,
          .page_events = 7};
}

// A follower with all that runs it. Whatever is under way when it goes is left as a kill leaves it.
class Daemon {
 public:
  Daemon(MemoryLog& log,
         std::unique_ptr<Sink> (*make)(const boost::asio::any_io_executor&, ProjectionSettings,
                                       bool&),
         ProjectionSettings settings) {
    const boost::asio::any_io_executor executor = io_.get_executor();
    follower_ = std::make_shared<Follower>(
        executor, "totals", std::make_unique<MemoryFeed>(executor, log),
        make(executor, std::move(settings), build_asked_), Follower::Listener{},
        BackoffBounds{.shortest = milliseconds(1), .longest = milliseconds(20)});
    boost::asio::co_spawn(io_, Follower::run(follower_), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
  }

  // So many steps of it: where a kill falls does not depend on how fast the machine is.
  void run_steps(std::uint64_t steps) {
    while (steps > 0 && io_.run_one_for(milliseconds(100)) > 0) --steps;
  }
  template <class Condition>
  bool run_until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition(follower_->state()))
      if (std::chrono::steady_clock::now() > deadline || io_.run_one_for(milliseconds(100)) == 0)
        return condition(follower_->state());
    return true;
  }
  bool build_asked() const { return build_asked_; }
  std::string trouble() const { return follower_->state().trouble; }

 private:
  bool build_asked_ = false;
  boost::asio::io_context io_;
  std::shared_ptr<Follower> follower_;
};

std::unique_ptr<Sink> live(const boost::asio::any_io_executor& executor,
                           ProjectionSettings settings, bool& build_asked) {
  return std::make_unique<LiveSink>(executor, std::move(settings),
                                    std::make_shared<ProjectionCounts>(),
                                    [&build_asked] { build_asked = true; });
}
std::unique_ptr<Sink> build(const boost::asio::any_io_executor& executor,
                            ProjectionSettings settings, bool&) {
  return std::make_unique<BuildSink>(executor, std::move(settings),
                                     std::make_shared<ProjectionCounts>());
}

class ReadModelProjection : public ::testing::Test {
 protected:
  LoggedEvent task(std::string agent, std::string payload) {
    LoggedEvent event;
    event.event_type = "task.done";
    event.aggregate_id = std::move(agent);
    event.payload = std::move(payload);
    return event;
  }
  void post_all(std::string_view definition) {
    Daemon daemon(log_, live, settings_for(target_, definition));
    EXPECT_TRUE(daemon.run_until([&](const FollowerState& state) {
      return state.checkpoint == log_.head();
    })) << daemon.trouble();
  }
  std::vector<Row> query(const std::string& sql) const { return server_.run_sql(database_, sql); }

  MemoryLog log_;
  PostgresServer server_;
  const std::string database_ = server_.create_database();
  const std::string target_ = server_.url(database_);
};

TEST_F(ReadModelProjection, ASumByIncrementIsExactOverKillsOfBothSides) {
  std::mt19937 random(4);
  struct Total {
    std::int64_t events = 0;
    std::int64_t cents = 0;
    std::uint64_t last = 0;
  };
  std::map<std::string, Total> totals;
  const auto add = [&] {
    const std::string agent = "agent" + std::to_string(random() % 5);
    const std::int64_t cents = random() % 1000;
    const Offset offset =
        log_.add(task(agent, R"({"cost":"0.)" + std::to_string(1000 + cents) + "\"}"));
    totals[agent].events += 1;
    totals[agent].cents += 1000 + cents;
    totals[agent].last = offset.value;
  };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (int round = 0; round < 200 && std::chrono::steady_clock::now() < end; ++round) {
    for (auto count = random() % 60; count > 0; --count) add();
    Daemon daemon(log_, live, settings_for(target_, kTotals));
    daemon.run_steps(random() % 150);
    if (random() % 10 != 0) continue;
    server_.kill();
    daemon.run_steps(random() % 5);
    server_.start();
  }
  post_all(kTotals);
  std::vector<Row> expected;
  for (const auto& [agent, total] : totals)
    expected.push_back({agent, std::to_string(total.events), std::to_string(total.cents),
                        std::to_string(total.last)});
  EXPECT_EQ(expected,
            query("SELECT agent, events, trim_scale(cost * 10000), last FROM totals ORDER BY 1"));
}

TEST_F(ReadModelProjection, BadValuesLandInFailuresAndTheRestGoesOn) {
  for (int i = 0; i < 40; ++i) {
    const bool is_bad = i % 9 == 0;
    log_.add(task("a", is_bad ? R"({"cost":"much"})" : R"({"cost":0.5})"));
  }
  post_all(kTotals);
  EXPECT_THAT(query("SELECT events, cost, last FROM totals"),
              ElementsAre(ElementsAre("35", "17.5", "40")));
  const auto failures = query(
      "SELECT log_offset FROM daybook.failures WHERE projection = 'totals' ORDER BY log_offset");
  EXPECT_THAT(failures, ElementsAre(ElementsAre("1"), ElementsAre("10"), ElementsAre("19"),
                                    ElementsAre("28"), ElementsAre("37")));
  EXPECT_EQ("t", server_.value(database_,
                               "SELECT bool_and(reason LIKE '%invalid input syntax%' AND "
                               "original LIKE '%much%') FROM daybook.failures"));
}

TEST_F(ReadModelProjection, AChangedDeclarationIsBuiltBesideAndSwappedIn) {
  for (int i = 0; i < 30; ++i) log_.add(task("a", R"({"cost":1,"name":"x"})"));
  post_all(kTotals);
  query("CREATE ROLE reads_totals; GRANT SELECT ON totals TO reads_totals");

  std::string changed(kTotals);
  changed.replace(changed.find(R"("cost":"numeric",)"), 17, R"("name":"text",)");
  changed.replace(changed.find(R"(,"cost":"/payload/cost")"), 23, "");
  changed.replace(changed.find(R"("last":"/offset")"), 16,
                  R"("last":"/offset","name":"/payload/name")");
  {
    Daemon daemon(log_, live, settings_for(target_, changed));
    EXPECT_TRUE(daemon.run_until([&](const FollowerState&) { return daemon.build_asked(); }));
    log_.add(task("a", R"({"cost":1})"));
    EXPECT_TRUE(daemon.run_until(
        [&](const FollowerState& state) { return state.checkpoint == log_.head(); }));
    EXPECT_THAT(query("SELECT * FROM totals"), ElementsAre(ElementsAre("a", "31", "31", "31")))
        << "the old one goes on";
  }
  Daemon builder(log_, build, settings_for(target_, changed));
  EXPECT_TRUE(builder.run_until([](const FollowerState& state) {
    return state.phase == FollowerPhase::finished;
  })) << builder.trouble();
  log_.add(task("b", "{}"));
  post_all(changed);
  EXPECT_THAT(
      query("SET ROLE reads_totals; SELECT agent, events, name, last FROM totals ORDER BY 1"),
      ElementsAre(ElementsAre("a", "31", "x", "31"), ElementsAre("b", "1", "NULL", "32")));
  EXPECT_THAT(query("SELECT relname FROM pg_class WHERE relname LIKE 'totals_g_'"),
              ElementsAre(ElementsAre("totals_g2")));
}

}  // namespace
}  // namespace daybook::postgres
