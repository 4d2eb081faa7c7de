// JSON in and out: what every request and every delivery costs before the log is touched.
#include <benchmark/benchmark.h>

#include "bench/micro/sample.h"
#include "protocol/json/minify.h"
#include "protocol/json/read_append.h"
#include "protocol/json/write_event.h"

namespace daybook::bench {
namespace {

std::int64_t processed(const benchmark::State& state, std::size_t each) {
  return static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(each);
}

void minify(benchmark::State& state) {
  load::Corpus corpus;
  const std::string body = body_of(corpus, static_cast<std::size_t>(state.range(0)));
  std::string out(body.size(), '\0');
  for (auto _ : state) benchmark::DoNotOptimize(json::minify(body, out.data(), 128));
  state.SetItemsProcessed(processed(state, static_cast<std::size_t>(state.range(0))));
  state.SetBytesProcessed(processed(state, body.size()));
}
BENCHMARK(minify)->Name("codec/minify")->Arg(1)->Arg(100);

void read_append(benchmark::State& state) {
  load::Corpus corpus;
  const std::string body = body_of(corpus, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    auto append = json::read_append(body, Limits{});
    append->seal(Timestamp{1}, 7);
    benchmark::DoNotOptimize(append);
  }
  state.SetItemsProcessed(processed(state, static_cast<std::size_t>(state.range(0))));
  state.SetBytesProcessed(processed(state, body.size()));
}
BENCHMARK(read_append)->Name("codec/read_append_and_seal")->Arg(1)->Arg(100);

void write_events(benchmark::State& state) {
  load::Corpus corpus;
  const auto count = static_cast<std::size_t>(state.range(0));
  const Append append = append_of(body_of(corpus, count));
  const auto block = Block::trust(block_of(append, Offset{1}));
  std::vector<EventView> events;
  events.reserve(count);
  for (std::size_t i = 0; i < count; ++i) events.push_back(*block->event(Offset{1 + i}));
  std::string out;
  for (auto _ : state) {
    out.clear();
    json::append_events(out, events);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(processed(state, count));
  state.SetBytesProcessed(processed(state, out.size()));
}
BENCHMARK(write_events)->Name("codec/write_events")->Arg(1)->Arg(100);

}  // namespace
}  // namespace daybook::bench

BENCHMARK_MAIN();
