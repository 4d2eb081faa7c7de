// A store with queues: turns as the daemon takes them, one at a time.
#pragma once

#include "tests/storage/store_fixture.h"

namespace daybook::test {

class QueueStoreTest : public StoreTest {
 protected:
  QueueStoreTest() {
    options_.started = now_;
    open();
  }

  PutGroup queue(const std::string& name) {
    PutGroup put{.group = name};
    put.settings.mode = GroupMode::queue;
    put.settings.queue.order = GroupOrder::none;
    return put;
  }
  // One turn with so many credits of member "m".
  Result<TurnResult> turn(const std::string& group, std::vector<QueueStep> steps = {},
                          std::uint32_t credits = 0, std::optional<Admission> admission = {}) {
    TurnQueues turns{.now = now_};
    turns.turns.push_back(
        {.group = group, .admission = std::move(admission), .steps = std::move(steps)});
    turns.demand.push_back({.member = "m", .count = credits});
    auto applied = command(std::move(turns));
    if (!applied) return applied.error();
    return std::move(applied->turns.front());
  }
  // Everything up to the head is read: the offsets delivered.
  std::vector<std::uint64_t> deliver(const std::string& group, std::uint32_t credits) {
    auto result = turn(group, {}, credits, admission(group));
    EXPECT_TRUE(result) << result.error().detail;
    std::vector<std::uint64_t> offsets;
    if (!result) return offsets;
    for (const Delivery& delivery : result->deliveries) {
      offsets.push_back(delivery.offset.value);
      last_attempt_ = delivery.attempt;
    }
    return offsets;
  }
  Admission admission(const std::string& group) {
    const Offset after = view(group).examined;
    Admission read{.after = after, .examined = store_->committed()};
    for (Offset at = after + 1; at <= read.examined; at = at + 1)
      read.events.push_back({.offset = at, .lane = at.value});
    return read;
  }
  // Offsets refused.
  std::vector<std::uint64_t> ack(const std::string& group, std::vector<std::uint64_t> offsets) {
    auto result = turn(group, {leases_on<AckLeases>(offsets)});
    EXPECT_TRUE(result);
    std::vector<std::uint64_t> refused;
    for (const Offset offset : result->steps.front().refused) refused.push_back(offset.value);
    return refused;
  }
  template <class Step>
  static Step leases_on(const std::vector<std::uint64_t>& offsets) {
    Step step{.member = "m"};
    for (const std::uint64_t offset : offsets) step.leases.push_back({.offset = Offset{offset}});
    return step;
  }
  // What becomes of an event that failed once for all: its copy is kept.
  void bury(const std::string& group, std::uint64_t offset) {
    auto nack = leases_on<NackLeases>({offset});
    nack.action = NackAction::dead_letter;
    auto failed = turn(group, {nack});
    ASSERT_TRUE(failed);
    ASSERT_EQ(1u, failed->outlook.to_bury.size());
    auto page = store_->reader().find(Offset{offset}, engine::Tier::disk);
    ASSERT_TRUE(page);
    auto buried =
        turn(group, {BuryEvent{.offset = Offset{offset},
                               .row = encode_dead_letter(page->events.front(),
                                                         failed->outlook.to_bury.front().facts)}});
    ASSERT_TRUE(buried);
    EXPECT_TRUE(buried->steps.front().refused.empty());
  }

  QueueView view(const std::string& group) {
    return store_->groups().queue_view(group).value_or(QueueView{});
  }
  std::uint64_t committed(const std::string& group) {
    return store_->groups().find(group)->committed.value;
  }

  QueueTime now_{.steady = Moment(std::chrono::hours(1)), .wall = {1'000'000'000}};
  Attempt last_attempt_ = 0;
};

}  // namespace daybook::test
