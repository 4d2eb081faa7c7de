// Verbs for short scripts on a queue: each takes the turns that a dispatcher would take, commits,
// and tells in a word what came of it. A delivery reads "offset@attempt".
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "tests/storage/queue/queue_rig.h"

namespace daybook::test {

// Settings that differ from `queue_group()`.
struct Script {
  GroupOrder order = GroupOrder::aggregate;
  bool block_aggregate = false;
  std::uint32_t max_deliveries = 3;
  std::uint32_t max_in_flight = 1000;
  std::uint32_t max_unfinished = 1000;
  std::uint32_t breaker_window = 4;
  double breaker_ratio = 2;
  GroupRow group() const;
};

class QueueScript : public testing::Test {
 protected:
  void begin(const Script& script) { rig_ = std::make_unique<QueueRig>(script.group()); }
  void log(std::initializer_list<const char*> aggregates);

  std::string fetch(const std::string& member, std::uint32_t credits = 10);
  // The offsets refused: "" is success.
  std::string ack(const std::string& member, std::vector<LeaseName> leases);
  std::string ack(const std::string& member, std::initializer_list<std::uint64_t> offsets);
  std::string nack(const std::string& member, std::uint64_t offset, NackLeases how = {});
  std::string extend(const std::string& member, std::uint64_t offset);
  void lose(const std::string& member) { step(EndMember{member, true}); }
  void leave(const std::string& member) { step(EndMember{member, false}); }
  std::string retry(std::uint64_t offset);
  std::string discard(std::uint64_t offset);
  void pass(std::chrono::milliseconds time);
  void restart();
  void change(const GroupRow& group);
  void reset(Offset to);
  // The event fails until it is a dead letter. The member must be able to have it at once.
  void kill(const std::string& member, std::uint64_t offset);

  std::string step(QueueStep step);
  // What is to be buried, released and read now.
  void settle();
  const QueueView& view() const { return rig_->queue().view(); }
  Idle idle() const { return rig_->outlook().idle; }
  QueueRig& rig() { return *rig_; }

 private:
  std::unique_ptr<QueueRig> rig_ = std::make_unique<QueueRig>(queue_group());
};

}  // namespace daybook::test
