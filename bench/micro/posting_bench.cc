// The index: hashing events into a segment of the window; turning a full one into sorted chunks.
#include <benchmark/benchmark.h>

#include <memory>

#include "bench/micro/sample.h"

namespace daybook::bench {
namespace {

constexpr std::size_t kBatch = 1000;

struct Batches {
  std::vector<Append> appends;
  std::size_t events = 0;
};

Batches batches(std::size_t events) {
  load::Corpus corpus;
  Batches made;
  for (; made.events < events; made.events += kBatch)
    made.appends.push_back(append_of(body_of(corpus, kBatch)));
  return made;
}

std::unique_ptr<Segment> segment_of(const Batches& from) {
  auto segment = std::make_unique<Segment>(Offset{1});
  Offset next{1};
  for (const Append& append : from.appends) {
    const std::vector<Placed> placed = placed_from(append, next);
    for (std::size_t i = 0; i < placed.size(); ++i)
      segment->add(append, append.events[i], placed[i]);
    next = next + placed.size();
  }
  return segment;
}

void add(benchmark::State& state) {
  const Batches from = batches(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(segment_of(from));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(from.events));
}
BENCHMARK(add)->Name("posting/add_to_segment")->Arg(64'000)->Unit(benchmark::kMillisecond);

void sort(benchmark::State& state) {
  const Batches from = batches(static_cast<std::size_t>(state.range(0)));
  const auto segment = segment_of(from);
  for (auto _ : state) benchmark::DoNotOptimize(chunks_of(*segment, LogId{}));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(from.events));
}
BENCHMARK(sort)->Name("posting/sorted_chunks")->Arg(64'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace daybook::bench

BENCHMARK_MAIN();
