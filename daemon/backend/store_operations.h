// How the daemon is: status, readiness, metrics.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>

#include "daemon/backend/metrics.h"
#include "protocol/backend.h"
#include "storage/store.h"

namespace daybook {

class StoreOperations final : public OperationPort {
 public:
  // `trouble` says why the daemon is not ready; empty: it is.
  StoreOperations(const Store& store, const Metrics& metrics, const GroupPort& groups,
                  const ProjectionPort& projections, const DeliveryCounts& deliveries,
                  std::function<std::string()> trouble)
      : store_(store),
        metrics_(metrics),
        groups_(groups),
        projections_(projections),
        deliveries_(deliveries),
        trouble_(std::move(trouble)),
        began_(std::chrono::steady_clock::now()) {
    measure();
  }

  // Asks the disk for the sizes that `status` tells. Not on an io thread.
  void measure();

  StatusInfo status() const override;
  std::string not_ready_because() const override { return trouble_(); }
  std::string metrics() const override {
    return metrics_.text(store_, groups_.list(), projections_.list(), deliveries_);
  }

 private:
  const Store& store_;
  const Metrics& metrics_;
  const GroupPort& groups_;
  const ProjectionPort& projections_;
  const DeliveryCounts& deliveries_;
  const std::function<std::string()> trouble_;
  const std::chrono::steady_clock::time_point began_;
  std::atomic<std::uint64_t> book_bytes_{0};
  std::atomic<std::uint64_t> index_bytes_{0};
};

}  // namespace daybook
