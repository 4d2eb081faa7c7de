// 10,000 small worlds around a queue, each from a seed, followed by a plain model.
//
// DAYBOOK_SEED=n runs the one world that a failure has printed; its story is told.
#include <gtest/gtest.h>

#include <iostream>
#include <tuple>

#include "tests/storage/queue/queue_world.h"
#include "tests/storage/seed.h"

namespace daybook {
namespace {

using test::QueueWorld;

constexpr std::uint64_t kWorlds = 840;  // of each order and part
constexpr std::uint64_t kParts = 4;
constexpr int kSteps = 150;
constexpr int kLongSteps = 4000;
constexpr std::uint64_t kLongWorlds = 5;

std::string problem_of(std::uint64_t seed, GroupOrder order, int steps) {
  QueueWorld world(seed, order, steps);
  world.run();
  if (world.problem().empty()) return "";
  QueueWorld again(seed, order, steps, &std::cout);
  again.run();
  return world.problem();
}

class Simulation : public testing::TestWithParam<std::tuple<GroupOrder, std::uint64_t>> {};

TEST_P(Simulation, KeepsTheRulesWhateverHappens) {
  const auto [order, part] = GetParam();
  const std::uint64_t first = test_seed() + (std::getenv("DAYBOOK_SEED") ? 0 : part * kWorlds);
  const std::uint64_t last = std::getenv("DAYBOOK_SEED") ? first : first + kWorlds - 1;
  for (std::uint64_t seed = first; seed <= last; ++seed)
    ASSERT_EQ("", problem_of(seed, order, kSteps)) << "DAYBOOK_SEED=" << seed;
}

std::string name_of(const testing::TestParamInfo<Simulation::ParamType>& info) {
  const char* const names[] = {"", "aggregate", "none", "single"};
  return names[static_cast<int>(std::get<0>(info.param))] + std::to_string(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Orders, Simulation,
                         testing::Combine(testing::Values(GroupOrder::aggregate, GroupOrder::none,
                                                          GroupOrder::single),
                                          testing::Range(std::uint64_t{0}, kParts)),
                         name_of);

class LongSimulation : public testing::TestWithParam<GroupOrder> {};

TEST_P(LongSimulation, KeepsTheRulesForLong) {
  std::uint64_t deliveries = 0;
  for (std::uint64_t seed = test_seed(); seed < test_seed() + kLongWorlds; ++seed) {
    QueueWorld world(seed, GetParam(), kLongSteps);
    world.run();
    ASSERT_EQ("", world.problem()) << "DAYBOOK_SEED=" << seed;
    deliveries += world.deliveries();
  }
  EXPECT_LT(10'000u, deliveries) << "the simulation has lost its teeth";
}

INSTANTIATE_TEST_SUITE_P(Orders, LongSimulation,
                         testing::Values(GroupOrder::aggregate, GroupOrder::none,
                                         GroupOrder::single));

TEST(Determinism, TheSimulationIsTheSameEachTime) {
  for (std::uint64_t seed = test_seed(); seed < test_seed() + 20; ++seed) {
    std::uint64_t hashes[2];
    for (std::uint64_t& hash : hashes) {
      QueueWorld world(seed, GroupOrder::aggregate, kSteps);
      world.run();
      hash = world.hash();
    }
    EXPECT_EQ(hashes[0], hashes[1]) << "DAYBOOK_SEED=" << seed;
  }
}

}  // namespace
}  // namespace daybook
