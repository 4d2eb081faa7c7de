// The engine of queue groups: what the writer does for an event from its admission to its ack, the
// bytes of the rows included. Four members with batches of 100; each turn acks what the one before
// delivered.
#include <benchmark/benchmark.h>

#include "storage/queue/queue.h"

namespace daybook::bench {
namespace {

constexpr std::uint32_t kMembers = 4;
constexpr std::uint32_t kBatch = 100;
constexpr std::uint64_t kAggregates = 10'000;

QueueTime at(std::uint64_t turn) {
  return {.steady = Moment{} + std::chrono::milliseconds(turn + 1),
          .wall = {static_cast<std::int64_t>(turn) * 1000}};
}

std::string member_name(std::uint32_t member) {
  return "member-" + std::to_string(member);
}

// As many events as the members want, spread over the aggregates.
Admission next_page(Offset after, bool has_lanes) {
  Admission page{.after = after, .examined = after + kMembers * kBatch};
  for (std::uint64_t i = 1; i <= kMembers * kBatch; ++i) {
    const std::uint64_t aggregate = (after.value + i) * 7919 % kAggregates;
    page.events.push_back({.offset = after + i});
    if (has_lanes) page.events.back().lane = lane_of_aggregate("task", std::to_string(aggregate));
  }
  return page;
}

void turns(benchmark::State& state) {
  GroupRow group;
  group.settings.mode = GroupMode::queue;
  group.settings.queue.order = static_cast<GroupOrder>(state.range(0));
  const bool has_lanes = group.settings.queue.order == GroupOrder::aggregate;
  Queue queue(group, Offset{0});
  std::vector<QueueStep> acks;
  std::uint64_t turn = 0;
  std::int64_t delivered = 0;
  std::size_t row_bytes = 0;
  for (auto _ : state) {
    QueueTurn next{.group = "work", .steps = std::exchange(acks, {})};
    next.admission = next_page(Offset{turn * kMembers * kBatch}, has_lanes);
    std::vector<Demand> demand;
    for (std::uint32_t i = 0; i < kMembers; ++i) demand.push_back({member_name(i), kBatch});
    const TurnResult result = queue.turn(next, at(turn++), demand);
    const QueueWrites writes = queue.take_writes();
    row_bytes += writes.row ? writes.row->bytes.size() : 0;
    for (std::uint32_t i = 0; i < kMembers; ++i) acks.push_back(AckLeases{member_name(i), {}});
    for (const Delivery& delivery : result.deliveries)
      std::get<AckLeases>(acks[delivery.demand])
          .leases.push_back({delivery.offset, delivery.attempt});
    delivered += static_cast<std::int64_t>(result.deliveries.size());
  }
  state.SetItemsProcessed(delivered);
  state.counters["bytes_per_event"] =
      static_cast<double>(row_bytes) / static_cast<double>(delivered);
}
BENCHMARK(turns)
    ->Name("queue/turns_of_400")
    ->ArgName("order")
    ->Arg(static_cast<int>(GroupOrder::aggregate))
    ->Arg(static_cast<int>(GroupOrder::none));

}  // namespace
}  // namespace daybook::bench

BENCHMARK_MAIN();
