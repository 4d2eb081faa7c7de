// Samples for the micro benchmarks.
#include "bench/micro/sample.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "protocol/json/read_append.h"

namespace daybook::bench {

void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

std::string body_of(load::Corpus& corpus, std::size_t count) {
  const std::string events(corpus.take(count));
  return count == 1 ? events : "[" + events + "]";
}

Append append_of(const std::string& body) {
  auto append = json::read_append(body, Limits{});
  if (!append) give_up(append.error().detail);
  append->seal(now(), 0x9e3779b97f4a7c15);
  return std::move(*append);
}

std::vector<Placed> placed_from(const Append& append, Offset first) {
  std::vector<Placed> placed(append.events.size());
  for (std::size_t i = 0; i < placed.size(); ++i) {
    placed[i].offset = first + i;
    placed[i].sequence = Sequence{1};
    placed[i].recorded_at = append.stamped_at;
    placed[i].batch_index = static_cast<std::uint32_t>(i);
  }
  return placed;
}

std::string block_of(const Append& append, Offset first) {
  const std::vector<Placed> placed = placed_from(append, first);
  BlockBuilder builder;
  for (std::size_t i = 0; i < placed.size(); ++i) builder.add(append, append.events[i], placed[i]);
  return builder.finish();
}

SampleLog::SampleLog() {
  std::string name = (std::filesystem::temp_directory_path() / "daybook-micro-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) give_up("no temporary folder: " + name);
  folder_ = name;
  Store::Options options;
  options.data_dir = folder_;
  auto store = Store::open(std::move(options));
  if (!store) give_up(store.error().detail);
  store_ = std::move(*store);
}

SampleLog::~SampleLog() {
  store_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void SampleLog::apply(std::vector<Append> appends) {
  std::vector<Job> jobs(appends.size());
  std::vector<Job*> group;
  for (std::size_t i = 0; i < appends.size(); ++i) {
    jobs[i].command = std::move(appends[i]);
    auto evidence = store_->gather(jobs[i].command, engine::Tier::disk);
    if (!evidence) give_up(evidence.error().detail);
    jobs[i].evidence = std::move(*evidence);
    group.push_back(&jobs[i]);
  }
  store_->apply(group);
  for (const Job& job : jobs)
    if (!job.result) give_up(job.result.error().detail);
}

void SampleLog::fill(std::size_t events) {
  constexpr std::size_t kBatch = 1000;
  for (std::size_t done = 0; done < events; done += kBatch) {
    std::vector<Append> appends;
    appends.push_back(append_of(body_of(corpus_, kBatch)));
    apply(std::move(appends));
    if (auto posted = store_->post_next(); !posted) give_up(posted.error().detail);
  }
}

}  // namespace daybook::bench
