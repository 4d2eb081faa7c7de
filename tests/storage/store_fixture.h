// A store in a directory of its own, with chunks so small that a handful of events crosses them.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>

#include "storage/store.h"
#include "tests/storage/samples.h"

namespace daybook::test {

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    options_.data_dir = dir_.path();
    options_.cache_bytes = 1 << 20;
    options_.memtable_bytes = 4 << 20;
    options_.chunk_events = 8;
    options_.new_log_id = LogId{1, 2};
    open();
  }

  void open() {
    store_.reset();
    auto opened = Store::open(options_);
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
  }

  // A job with its evidence; what its views point into is kept.
  std::unique_ptr<Job> job_of(Request request) {
    requests_.push_back(std::move(request));
    auto job = std::make_unique<Job>();
    job->command = append_of(requests_.back());
    gather(*job);
    return job;
  }
  void gather(Job& job) {
    auto evidence = store_->gather(job.command, engine::Tier::disk);
    ASSERT_TRUE(evidence) << evidence.error().detail;
    job.evidence = std::move(*evidence);
  }
  Result<Applied> apply(Job& job) {
    Job* one[] = {&job};
    store_->apply(one);
    return job.result;
  }
  Result<Applied> append(Request request) { return apply(*job_of(std::move(request))); }
  Result<Applied> command(Command command) {
    Job job{.command = std::move(command)};
    auto evidence = store_->gather(job.command, engine::Tier::disk);
    if (!evidence) return evidence.error();
    job.evidence = std::move(*evidence);
    return apply(job);
  }

  void append_events(std::uint64_t count, const Event& event = {}) {
    for (std::uint64_t i = 0; i < count; ++i) ASSERT_EQ("ok", code_of(append({.events = {event}})));
  }
  void post() {
    for (;;) {
      auto posted = store_->post_next();
      ASSERT_TRUE(posted) << posted.error().detail;
      if (!*posted) return;
    }
  }
  Result<Page> read(const Query& query, engine::Tier tier = engine::Tier::disk) {
    return store_->reader().read(query, tier);
  }

  TempDir dir_;
  Store::Options options_;
  std::unique_ptr<Store> store_;
  std::deque<Request> requests_;
};

}  // namespace daybook::test
