// What Prometheus is told: counters that the threads keep, and gauges read when it asks.
#pragma once

#include <memory>
#include <string>

#include "daemon/delivery/counts.h"
#include "daemon/threads/committer.h"
#include "storage/model/projection.h"
#include "storage/store.h"

namespace daybook {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // The writer thread, after each group.
  void count(const CommitFacts& commit);
  // The keeper, after each step.
  void count(const Scrub::Step& step);
  // Prometheus text format 0.0.4. Any thread.
  std::string text(const Store& store, const std::vector<GroupInfo>& groups,
                   const std::vector<ProjectionInfo>& projections,
                   const DeliveryCounts& deliveries) const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace daybook
