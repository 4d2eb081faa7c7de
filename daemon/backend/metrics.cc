#include "daemon/backend/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>

namespace daybook {
namespace {

using Labels = std::map<std::string, std::string>;

prometheus::Histogram::BucketBoundaries doubling(double from, int buckets) {
  prometheus::Histogram::BucketBoundaries bounds;
  for (int i = 0; i < buckets; ++i, from *= 2) bounds.push_back(from);
  return bounds;
}

prometheus::Family<prometheus::Gauge>& gauge(prometheus::Registry& registry,
                                             const std::string& name, const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Counter>& counter(prometheus::Registry& registry,
                                                 const std::string& name, const std::string& help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

void add_groups(prometheus::Registry& now, const std::vector<GroupInfo>& groups) {
  auto& lag = gauge(now, "daybook_group_lag_events", "Offsets that a group has not committed");
  auto& age = gauge(now, "daybook_group_lag_seconds", "Age of the oldest offset not committed");
  for (const GroupInfo& group : groups) {
    const Labels labels{{"group", group.name}};
    lag.Add(labels).Set(
        static_cast<double>(group.head - std::min(group.row.committed, group.head)));
    age.Add(labels).Set(group.lag_seconds);
  }
}

void add_queues(prometheus::Registry& now, const std::vector<GroupInfo>& groups) {
  auto& in_flight = gauge(now, "daybook_group_in_flight", "Open leases of a queue group");
  auto& unfinished =
      gauge(now, "daybook_group_unfinished", "Events read and not finished, leases included");
  auto& aside = gauge(now, "daybook_group_set_aside", "Events that wait behind a dead letter");
  auto& dead = gauge(now, "daybook_dead_letters", "Events that a queue group gave up on");
  auto& breaker = gauge(now, "daybook_group_breaker_open", "1 while the group has paused itself");
  for (const GroupInfo& group : groups) {
    if (group.row.settings.mode != GroupMode::queue) continue;
    const Labels labels{{"group", group.name}};
    in_flight.Add(labels).Set(static_cast<double>(group.queue.in_flight));
    unfinished.Add(labels).Set(static_cast<double>(group.queue.unfinished));
    aside.Add(labels).Set(static_cast<double>(group.queue.set_aside));
    dead.Add(labels).Set(static_cast<double>(group.queue.dead_letters));
    breaker.Add(labels).Set(group.queue.breaker == BreakerState::closed ? 0 : 1);
  }
}

// Without a checkpoint nothing is said of the lag: `daybook_follower_up` says that it is not known.
void add_follower_lags(prometheus::Registry& now, const std::vector<ProjectionInfo>& projections) {
  auto& lag = gauge(now, "daybook_follower_lag_events", "Offsets that a follower has not posted");
  auto& age = gauge(now, "daybook_follower_lag_seconds", "Age of the oldest offset not posted");
  for (const ProjectionInfo& projection : projections) {
    const FollowerState& follower = projection.follower;
    if (!follower.checkpoint) continue;
    const Labels labels{{"follower", follower.name}};
    lag.Add(labels).Set(
        static_cast<double>(projection.head - std::min(*follower.checkpoint, projection.head)));
    age.Add(labels).Set(projection.lag_seconds);
  }
}

void add_followers(prometheus::Registry& now, const std::vector<ProjectionInfo>& projections) {
  auto& up = gauge(now, "daybook_follower_up", "1 while a follower posts");
  auto& events = counter(now, "daybook_follower_events_total", "Events that a follower posted");
  auto& late = counter(now, "daybook_follower_late_events_total",
                       "Of these, recorded before it was connected");
  auto& failures = counter(now, "daybook_follower_failures_total", "Attempts that failed");
  auto& failed =
      gauge(now, "daybook_follower_failed_events", "Events that the other side cannot hold");
  for (const ProjectionInfo& projection : projections) {
    const FollowerState& follower = projection.follower;
    const Labels labels{{"follower", follower.name}};
    up.Add(labels).Set(follower.phase == FollowerPhase::following ? 1 : 0);
    events.Add(labels).Increment(static_cast<double>(follower.events));
    late.Add(labels).Increment(static_cast<double>(follower.events_late));
    failures.Add(labels).Increment(static_cast<double>(follower.failures));
    if (projection.kind != ProjectionKind::redis)
      failed.Add(labels).Set(static_cast<double>(projection.failed_events));
  }
}

void add_deliveries(prometheus::Registry& now, const DeliveryCounts& counts) {
  const auto value = [](const DeliveryCounts::Count& count) {
    return static_cast<double>(count.load());
  };
  counter(now, "daybook_group_deliveries_total", "Events given to members of queue groups")
      .Add({})
      .Increment(value(counts.deliveries));
  counter(now, "daybook_group_acks_total", "Deliveries that members acked")
      .Add({})
      .Increment(value(counts.acks));
  auto& failed = counter(now, "daybook_redeliveries_total", "Deliveries that failed");
  for (const auto kind : {FailureKind::nack, FailureKind::timeout, FailureKind::disconnected})
    failed.Add({{"reason", std::string(name(kind))}})
        .Increment(value(counts.failed[static_cast<std::size_t>(kind) - 1]));
  auto& stalls = counter(now, "daybook_group_stalls_total", "Times that a group began to stall");
  for (std::size_t i = 0; i < counts.stalls.size(); ++i)
    if (counts.stalls[i] > 0)
      stalls.Add({{"reason", std::string(name(static_cast<Idle>(i)))}})
          .Increment(value(counts.stalls[i]));
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;

  prometheus::Histogram& fsync_seconds = prometheus::BuildHistogram()
                                             .Name("daybook_fsync_seconds")
                                             .Help("Time of one synced write of the book")
                                             .Register(registry)
                                             .Add({}, doubling(25e-6, 16));
  prometheus::Histogram& commit_events = prometheus::BuildHistogram()
                                             .Name("daybook_commit_events")
                                             .Help("Events of one group commit")
                                             .Register(registry)
                                             .Add({}, doubling(1, 16));
  prometheus::Counter& append_events = prometheus::BuildCounter()
                                           .Name("daybook_append_events_total")
                                           .Help("Events appended since the start")
                                           .Register(registry)
                                           .Add({});
  prometheus::Counter& commands = prometheus::BuildCounter()
                                      .Name("daybook_commands_total")
                                      .Help("Commands decided since the start, refused ones too")
                                      .Register(registry)
                                      .Add({});
  prometheus::Counter& scrubbed_bytes = prometheus::BuildCounter()
                                            .Name("daybook_scrubbed_bytes_total")
                                            .Help("Bytes of blocks that the scrub has read")
                                            .Register(registry)
                                            .Add({});
  prometheus::Gauge& damaged =
      gauge(registry, "daybook_scrub_damaged", "Places that the scrub last found damaged").Add({});
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::count(const CommitFacts& commit) {
  families_->commands.Increment(static_cast<double>(commit.jobs));
  if (commit.sync_time.count() == 0) return;
  families_->fsync_seconds.Observe(std::chrono::duration<double>(commit.sync_time).count());
  families_->commit_events.Observe(static_cast<double>(commit.events));
  families_->append_events.Increment(static_cast<double>(commit.events));
}

void Metrics::count(const Scrub::Step& step) {
  families_->scrubbed_bytes.Increment(static_cast<double>(step.bytes));
  families_->damaged.Set(static_cast<double>(step.damaged));
}

std::string Metrics::text(const Store& store, const std::vector<GroupInfo>& groups,
                          const std::vector<ProjectionInfo>& projections,
                          const DeliveryCounts& deliveries) const {
  // Read when asked: a registry that lives as long as the answer.
  prometheus::Registry now;
  const Offset head = store.committed();
  gauge(now, "daybook_head", "The committed head").Add({}).Set(static_cast<double>(head.value));
  prometheus::BuildCounter()
      .Name("daybook_blocks_read_total")
      .Help("Blocks that readers took from the book, the cache aside")
      .Register(now)
      .Add({})
      .Increment(static_cast<double>(store.book().blocks_read()));
  gauge(now, "daybook_index_lag_events", "Events that the index has not reached; memory has them")
      .Add({})
      .Set(static_cast<double>(head.value - std::min(head, store.index().posted()).value));
  gauge(now, "daybook_window_bytes", "Memory that the window of recent events takes")
      .Add({})
      .Set(static_cast<double>(store.window().bytes()));
  add_groups(now, groups);
  add_queues(now, groups);
  add_follower_lags(now, projections);
  add_followers(now, projections);
  add_deliveries(now, deliveries);
  std::vector<prometheus::MetricFamily> all = families_->registry.Collect();
  std::ranges::move(now.Collect(), std::back_inserter(all));
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace daybook
