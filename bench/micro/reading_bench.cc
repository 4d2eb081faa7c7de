// Pages of a hundred events from a log whose older part is in the index and whose newer part is in
// the window, blocks in the cache.
#include <benchmark/benchmark.h>

#include "bench/micro/sample.h"

namespace daybook::bench {
namespace {

constexpr std::size_t kFilled = 200'000;

SampleLog& filled_log() {
  static SampleLog log;
  static const bool filled = (log.fill(kFilled), true);
  (void)filled;
  return log;
}

Query from(std::uint64_t after) {
  Query query;
  query.after = Offset{after};
  return query;
}

void read(benchmark::State& state, Query query) {
  SampleLog& log = filled_log();
  std::size_t events = 0;
  for (auto _ : state) {
    auto page = log.store().reader().read(query, engine::Tier::disk);
    if (!page)
      state.SkipWithError(page.error().detail.c_str());
    else
      events += page->events.size();
    benchmark::DoNotOptimize(page);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
}

Query by_aggregate(std::uint64_t at) {
  auto page = filled_log().store().reader().find(Offset{at}, engine::Tier::disk);
  if (!page) give_up(page.error().detail);
  Query query;
  query.filter.aggregate_type = page->events.front().aggregate_type;
  query.filter.aggregate_id = page->events.front().aggregate_id;
  return query;
}

Query by_type(std::uint64_t after) {
  Query query = from(after);
  query.filter.event_types = {"task.started"};
  return query;
}

Query by_tag(std::uint64_t after) {
  Query query = from(after);
  query.filter.tags = {"run:0042"};
  return query;
}

void add_benchmarks() {
  const auto add = [](const char* name, Query query) {
    benchmark::RegisterBenchmark(name, read, query)->Unit(benchmark::kMicrosecond);
  };
  add("reading/page_by_offset_old", from(50'000));
  add("reading/page_by_offset_window", from(kFilled - 1000));
  add("reading/aggregate", by_aggregate(5));
  add("reading/page_by_type_old", by_type(10'000));
  add("reading/page_by_type_window", by_type(kFilled - 2000));
  add("reading/page_by_tag_whole_log", by_tag(0));
}

}  // namespace
}  // namespace daybook::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  daybook::bench::add_benchmarks();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
