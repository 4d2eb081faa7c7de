// Blocks: encoding what was decided, opening what was read (checksum, tables), random access.
#include <benchmark/benchmark.h>

#include "bench/micro/sample.h"

namespace daybook::bench {
namespace {

void set_counts(benchmark::State& state, std::size_t events, std::size_t bytes) {
  const auto rounds = static_cast<std::int64_t>(state.iterations());
  state.SetItemsProcessed(rounds * static_cast<std::int64_t>(events));
  state.SetBytesProcessed(rounds * static_cast<std::int64_t>(bytes));
}

void encode(benchmark::State& state) {
  load::Corpus corpus;
  const auto count = static_cast<std::size_t>(state.range(0));
  const Append append = append_of(body_of(corpus, count));
  const std::vector<Placed> placed = placed_from(append, Offset{1});
  BlockBuilder builder;
  std::string bytes;
  for (auto _ : state) {
    for (std::size_t i = 0; i < count; ++i) builder.add(append, append.events[i], placed[i]);
    bytes = builder.finish();
    benchmark::DoNotOptimize(bytes.data());
  }
  set_counts(state, count, bytes.size());
}
BENCHMARK(encode)->Name("block/encode")->Arg(1)->Arg(64)->Arg(400);

void open(benchmark::State& state) {
  load::Corpus corpus;
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::string bytes = block_of(append_of(body_of(corpus, count)), Offset{1});
  for (auto _ : state) {
    auto block = Block::open(bytes);
    benchmark::DoNotOptimize(block);
  }
  set_counts(state, count, bytes.size());
}
BENCHMARK(open)->Name("block/open_checked")->Arg(1)->Arg(400);

void event(benchmark::State& state) {
  constexpr std::size_t kCount = 400;
  load::Corpus corpus;
  const auto block = Block::trust(block_of(append_of(body_of(corpus, kCount)), Offset{1}));
  std::size_t at = 0;
  for (auto _ : state) {
    at = (at + 181) % kCount;  // Prime to the count: every event has its turn, in no order.
    benchmark::DoNotOptimize(block->event(Offset{1 + at}));
  }
  set_counts(state, 1, 0);
}
BENCHMARK(event)->Name("block/event_at_random");

}  // namespace
}  // namespace daybook::bench

BENCHMARK_MAIN();
