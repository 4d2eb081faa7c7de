// What compressing blocks would cost and save, on the corpus and on orders: LZ4, which the daemon
// would do on the writer thread, and zstd at level 1, which RocksDB does at the last level. Blocks
// of 16 events are what 64 clients with single events make; full ones are what batches make.
// docs/decisions/20261121-blocks-stay-plain.md has the conclusion.
#include <benchmark/benchmark.h>
#include <lz4.h>
#include <zstd.h>

#include "bench/micro/orders.h"
#include "bench/micro/sample.h"
#include "storage/base/limits.h"

namespace daybook::bench {
namespace {

struct Sample {
  Append append;
  std::vector<Placed> placed;
  std::string block;

  double events() const { return static_cast<double>(placed.size()); }
};

struct Codec {
  std::size_t (*bound)(std::size_t);
  std::size_t (*compress)(std::string_view, std::string&);
  std::size_t (*decompress)(std::string_view, std::string&);
};

constexpr Codec kLz4 = {
    [](std::size_t bytes) {
      return static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(bytes)));
    },
    [](std::string_view in, std::string& out) {
      return static_cast<std::size_t>(LZ4_compress_default(
          in.data(), out.data(), static_cast<int>(in.size()), static_cast<int>(out.size())));
    },
    [](std::string_view in, std::string& out) {
      return static_cast<std::size_t>(LZ4_decompress_safe(
          in.data(), out.data(), static_cast<int>(in.size()), static_cast<int>(out.size())));
    }};

constexpr Codec kZstd = {
    [](std::size_t bytes) { return ZSTD_compressBound(bytes); },
    [](std::string_view in, std::string& out) {
      static ZSTD_CCtx* context = ZSTD_createCCtx();  // RocksDB keeps one as well.
      return ZSTD_compressCCtx(context, out.data(), out.size(), in.data(), in.size(), 1);
    },
    [](std::string_view in, std::string& out) {
      static ZSTD_DCtx* context = ZSTD_createDCtx();
      return ZSTD_decompressDCtx(context, out.data(), out.size(), in.data(), in.size());
    }};

std::string encode(const Append& append, const std::vector<Placed>& placed) {
  BlockBuilder builder;
  for (std::size_t i = 0; i < placed.size(); ++i) builder.add(append, append.events[i], placed[i]);
  return builder.finish();
}

// One block of so many events; 0: as many as fill one.
Sample sample_of(bool orders, std::size_t count) {
  constexpr std::size_t kEnough = 1000;
  load::Corpus corpus;
  Append append = append_of(orders ? orders_body(kEnough) : body_of(corpus, kEnough));
  std::vector<Placed> placed = placed_from(append, Offset{1});
  if (count == 0) {
    BlockBuilder builder;
    for (; builder.bytes() < limits::block_bytes_target; ++count)
      builder.add(append, append.events[count], placed[count]);
  }
  placed.resize(count);
  std::string block = encode(append, placed);
  return {std::move(append), std::move(placed), std::move(block)};
}

void count_events(benchmark::State& state, const Sample& sample, std::size_t bytes) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * sample.placed.size()));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * sample.block.size()));
  state.counters["bytes_per_event"] = static_cast<double>(bytes) / sample.events();
}

void plain(benchmark::State& state, bool orders, std::size_t count) {
  const Sample sample = sample_of(orders, count);
  for (auto _ : state) benchmark::DoNotOptimize(encode(sample.append, sample.placed));
  count_events(state, sample, sample.block.size());
}

void open_plain(benchmark::State& state, bool orders, std::size_t count) {
  const Sample sample = sample_of(orders, count);
  for (auto _ : state) benchmark::DoNotOptimize(Block::open(sample.block));
  count_events(state, sample, sample.block.size());
}

void compress(benchmark::State& state, Codec codec, bool orders, std::size_t count) {
  const Sample sample = sample_of(orders, count);
  std::string out(codec.bound(sample.block.size()), '\0');
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = codec.compress(sample.block, out);
    benchmark::DoNotOptimize(out.data());
  }
  count_events(state, sample, bytes);
}

void decompress(benchmark::State& state, Codec codec, bool orders, std::size_t count) {
  const Sample sample = sample_of(orders, count);
  std::string small(codec.bound(sample.block.size()), '\0');
  small.resize(codec.compress(sample.block, small));
  std::string out(sample.block.size(), '\0');
  for (auto _ : state) {
    if (codec.decompress(small, out) != out.size()) state.SkipWithError("it is another length");
    benchmark::DoNotOptimize(out.data());
  }
  if (out != sample.block) give_up("what was decompressed is another block");
  count_events(state, sample, small.size());
}

void add_benchmarks() {
  for (const bool orders : {false, true})
    for (const std::size_t count : {std::size_t{16}, std::size_t{0}}) {
      const std::string of = std::string(orders ? "/orders/" : "/corpus/") +
                             (count > 0 ? std::to_string(count) : "full");
      const auto add = [&of](const std::string& name, auto... call) {
        benchmark::RegisterBenchmark(("compress/" + name + of).c_str(), call...);
      };
      add("plain_encode", plain, orders, count);
      add("plain_open", open_plain, orders, count);
      add("lz4", compress, kLz4, orders, count);
      add("lz4_back", decompress, kLz4, orders, count);
      add("zstd1", compress, kZstd, orders, count);
      add("zstd1_back", decompress, kZstd, orders, count);
    }
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
