// The writer's work: gathering evidence from memory, deciding, and applying a group. The last one
// contains the fsync; with TMPDIR on a tmpfs it is the CPU alone.
#include <benchmark/benchmark.h>

#include "bench/micro/sample.h"

namespace daybook::bench {
namespace {

constexpr std::size_t kFilled = 100'000;

Append expecting(load::Corpus& corpus, std::size_t count) {
  Append append = append_of(body_of(corpus, count));
  for (Draft& draft : append.events)
    draft.expected = {.kind = Expected::Kind::exact, .sequence = Sequence{1}};
  return append;
}

void gather(benchmark::State& state) {
  SampleLog log;
  log.fill(kFilled);
  load::Corpus corpus;
  const Command command = append_of(body_of(corpus, 1));
  // It is in memory from now on.
  if (auto read = log.store().gather(command, engine::Tier::disk); !read)
    give_up(read.error().detail);
  for (auto _ : state) {
    auto evidence = log.store().gather(command, engine::Tier::memory_only);
    if (!evidence) state.SkipWithError(evidence.error().detail.c_str());
    benchmark::DoNotOptimize(evidence);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(gather)->Name("decide/gather_from_memory");

void decide_expected(benchmark::State& state) {
  SampleLog log;
  log.fill(kFilled);
  load::Corpus corpus;
  const Command command = expecting(corpus, static_cast<std::size_t>(state.range(0)));
  const auto evidence = log.store().gather(command, engine::Tier::disk);
  if (!evidence) give_up(evidence.error().detail);
  Tail tail;
  tail.written = log.store().committed();
  for (auto _ : state) {
    auto verdict = decide(std::get<Append>(command), *evidence, log.store().window(), tail,
                          log.store().groups());
    if (!verdict) state.SkipWithError(verdict.error().detail.c_str());
    benchmark::DoNotOptimize(verdict);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(decide_expected)->Name("decide/expected_sequence")->Arg(1)->Arg(100);

// A group of single-event appends, as concurrent clients make it.
void apply_group(benchmark::State& state) {
  SampleLog log;
  log.fill(kFilled);
  load::Corpus corpus;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Append> appends;
    appends.reserve(static_cast<std::size_t>(state.range(0)));
    for (std::int64_t i = 0; i < state.range(0); ++i)
      appends.push_back(append_of(body_of(corpus, 1)));
    if (auto posted = log.store().post_next(); !posted) give_up(posted.error().detail);
    state.ResumeTiming();
    log.apply(std::move(appends));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(apply_group)
    ->Name("decide/apply_group_with_fsync")
    ->Arg(1)
    ->Arg(64)
    ->Arg(1000)
    ->UseRealTime();

}  // namespace
}  // namespace daybook::bench

BENCHMARK_MAIN();
