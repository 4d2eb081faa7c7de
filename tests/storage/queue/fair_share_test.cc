// Who gets what: equal members get equal shares, and an aggregate stays with its member.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/storage/queue/queue_rig.h"

namespace daybook {
namespace {

using namespace test;

constexpr std::uint64_t kDeliveries = 10'000;

struct Share {
  GroupOrder order = GroupOrder::aggregate;
  std::uint64_t aggregates = 10'000;
  std::uint32_t members = 4;
  std::uint32_t credits = 10;  // each time that a member asks
  bool in_turn = false;        // one member at a time asks, or all of them at once
};

std::ostream& operator<<(std::ostream& out, const Share& share) {
  return out << "order " << static_cast<int>(share.order) << ", " << share.aggregates
             << " aggregates, " << share.members << " members with " << share.credits << " credits"
             << (share.in_turn ? ", in turn" : "");
}

std::string member(std::uint32_t number) {
  return "worker-" + std::to_string(number);
}

// Members that always want more, and ack what they get before they ask again.
class Workers {
 public:
  explicit Workers(const Share& share) : share_(share), rig_(group(share.order)) {
    for (std::uint64_t i = 0; i < kDeliveries; ++i)
      rig_.append("aggregate-" + std::to_string(i * 7919 % share.aggregates));
    std::vector<Demand> nobody;
    rig_.turn({}, nobody);
  }

  void run() {
    while (delivered_ < kDeliveries) {
      const std::uint64_t before = delivered_;
      for (std::uint32_t i = 0; i < (share_.in_turn ? share_.members : 1); ++i) round(i);
      ASSERT_LT(before, delivered_) << "nothing more is delivered";
    }
  }
  std::uint64_t share_of(std::uint32_t number) const { return deliveries_[number]; }
  // Of all deliveries of aggregates that had several, in percent: to the one that got most of them.
  std::uint64_t stickiness() const {
    std::uint64_t sticky = 0;
    for (const auto& [aggregate, by_member] : by_aggregate_) {
      std::uint64_t most = 0;
      for (const auto& [number, count] : by_member) most = std::max(most, count);
      sticky += most;
    }
    return sticky * 100 / delivered_;
  }

 private:
  static GroupRow group(GroupOrder order) {
    GroupRow group = queue_group(order);
    group.settings.queue.max_in_flight = 100'000;
    return group;
  }

  void round(std::uint32_t asks) {
    rig_.pass(std::chrono::milliseconds(1));
    QueueTurn turn = rig_.gather(4096);
    std::vector<std::uint32_t> asking;
    for (std::uint32_t i = 0; i < share_.members; ++i)
      if (!share_.in_turn || i == asks) asking.push_back(i);
    std::vector<Demand> demand;
    for (const std::uint32_t number : asking) {
      turn.steps.push_back(AckLeases{member(number), std::move(held_[number])});
      held_[number] = {};
      demand.push_back({member(number), share_.credits});
    }
    for (const Delivery& one : rig_.turn(turn, demand).deliveries) {
      const std::uint32_t number = asking[one.demand];
      held_[number].push_back({one.offset, one.attempt});
      ++deliveries_[number];
      ++delivered_;
      ++by_aggregate_[rig_.event(one.offset).aggregate][number];
    }
    rig_.commit();
  }

  const Share share_;
  QueueRig rig_;
  std::uint64_t delivered_ = 0;
  std::map<std::uint32_t, std::vector<LeaseName>> held_;
  std::map<std::string, std::map<std::uint32_t, std::uint64_t>> by_aggregate_;
  std::vector<std::uint64_t> deliveries_ = std::vector<std::uint64_t>(share_.members);
};

class FairShare : public testing::TestWithParam<Share> {};

TEST_P(FairShare, NoneOfEqualMembersGetsLessThanFourFifthsOfIts) {
  Workers workers(GetParam());
  workers.run();
  for (std::uint32_t i = 0; i < GetParam().members; ++i)
    EXPECT_GE(workers.share_of(i) * GetParam().members * 10, kDeliveries * 8) << member(i);
}

INSTANTIATE_TEST_SUITE_P(
    Groups, FairShare,
    testing::Values(Share{}, Share{.members = 7, .credits = 1}, Share{.aggregates = 100},
                    Share{.aggregates = 12, .credits = 2}, Share{.aggregates = 4, .credits = 1},
                    Share{.in_turn = true}, Share{.aggregates = 100, .in_turn = true},
                    Share{.order = GroupOrder::none},
                    Share{.order = GroupOrder::none, .in_turn = true},
                    Share{.order = GroupOrder::single},
                    Share{.order = GroupOrder::aggregate, .members = 32, .credits = 100}));

TEST(Stickiness, EventsOfAnAggregateMostlyGoToOneMember) {
  Workers workers({.aggregates = 500, .credits = 100});
  workers.run();
  EXPECT_GE(workers.stickiness(), 60u);
}

TEST(Stickiness, AMemberThatComesMovesOnlyItsOwnShare) {
  QueueRig rig(queue_group());
  constexpr std::uint64_t kAggregates = 400;
  const auto owners = [&rig](std::uint32_t members) {
    for (std::uint64_t i = 0; i < kAggregates; ++i) rig.append("aggregate-" + std::to_string(i));
    std::vector<Demand> nobody;
    std::vector<Demand> demand;
    for (std::uint32_t i = 0; i < members; ++i) demand.push_back({member(i), 1000});
    rig.turn({}, nobody);
    std::map<std::string, std::uint32_t> owner;
    QueueTurn acks;
    for (const Delivery& one : rig.turn(rig.gather(1000), demand).deliveries) {
      owner[rig.event(one.offset).aggregate] = one.demand;
      acks.steps.push_back(AckLeases{member(one.demand), {{one.offset, one.attempt}}});
    }
    rig.turn(acks, nobody);
    return owner;
  };
  const auto before = owners(4);
  const auto after = owners(5);
  std::uint64_t moved = 0;
  for (const auto& [aggregate, number] : after)
    if (number != before.at(aggregate)) ++moved;
  EXPECT_LE(moved, kAggregates * 2 / 5) << "a fifth is the newcomer's";
}

}  // namespace
}  // namespace daybook
