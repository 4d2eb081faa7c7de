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

std::string Metrics::text(const Store& store, const std::vector<GroupInfo>& groups) const {
  // Read when asked: a registry that lives as long as the answer.
  prometheus::Registry now;
  const Offset head = store.committed();
  gauge(now, "daybook_head", "The committed head").Add({}).Set(static_cast<double>(head.value));
  gauge(now, "daybook_index_lag_events", "Events that the index has not reached; memory has them")
      .Add({})
      .Set(static_cast<double>(head.value - std::min(head, store.index().posted()).value));
  gauge(now, "daybook_window_bytes", "Memory that the window of recent events takes")
      .Add({})
      .Set(static_cast<double>(store.window().bytes()));
  auto& lag = gauge(now, "daybook_group_lag_events", "Offsets that a group has not committed");
  auto& age = gauge(now, "daybook_group_lag_seconds", "Age of the oldest offset not committed");
  for (const GroupInfo& group : groups) {
    const Labels labels{{"group", group.name}};
    lag.Add(labels).Set(
        static_cast<double>(group.head - std::min(group.row.committed, group.head)));
    age.Add(labels).Set(group.lag_seconds);
  }
  std::vector<prometheus::MetricFamily> all = families_->registry.Collect();
  std::ranges::move(now.Collect(), std::back_inserter(all));
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace daybook
