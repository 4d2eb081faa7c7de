// One writer, one poster and readers at once: what a reader sees is whole at every moment.
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/storage/store_fixture.h"

namespace daybook {
namespace {

using namespace test;

class StoreThreadsTest : public StoreTest {
 protected:
  void TearDown() override { stop(); }

  void stop() {
    done_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  void repeat(std::function<void()> what) {
    threads_.emplace_back([this, what = std::move(what)] {
      while (!done_ && !HasFailure()) what();
    });
  }

  // Two events an append, on one aggregate that never rests and on one of many that leave the
  // window.
  void write_some() {
    for (int i = 0; i < 3000 && !HasFailure(); ++i) {
      const std::string many = std::to_string(i % 40);
      const Request request{
          .events = {{.aggregate_id = "busy", .tags = {"t"}}, {.aggregate_id = "m" + many}},
          .stamped_at = {i}};
      Job job{.command = append_of(request)};
      for (;;) {
        auto evidence = store_->gather(job.command, engine::Tier::disk);
        ASSERT_TRUE(evidence) << evidence.error().detail;
        job.evidence = std::move(*evidence);
        Job* one[] = {&job};
        store_->apply(one);
        if (job.result || job.result.error().code != Errc::evidence_stale) break;
      }
      ASSERT_EQ("ok", code_of(job.result));
    }
  }

  void check_aggregate() {
    auto page = store_->aggregates().read({.aggregate_type = "thing",
                                           .aggregate_id = "busy",
                                           .order = Order::descending,
                                           .limit = 60});
    if (!page) {
      EXPECT_EQ("not_found", code_of(page));
      return;
    }
    for (std::size_t i = 0; i < page->events.size(); ++i) {
      const EventView& event = page->events[i];
      ASSERT_LE(event.offset, page->head);
      ASSERT_EQ(event.sequence.value * 2 - 1, event.offset.value);
      ASSERT_EQ(page->events[0].sequence, event.sequence + i);
    }
    auto info = store_->aggregates().find("thing", "busy");
    ASSERT_TRUE(info);
    ASSERT_EQ(info->sequence.value * 2 - 1, info->last_offset.value);
    ASSERT_GE(info->sequence, page->events[0].sequence);
  }

  void check_tag() {
    const Offset before = store_->committed();
    const Offset after = before.value > 50 ? before - 50 : Offset{0};
    auto page = read({.filter = {.tags = {"t"}}, .after = after, .limit = 1000});
    ASSERT_TRUE(page) << page.error().detail;
    ASSERT_GE(page->head, before);
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = after.value + 1; i <= page->head.value; ++i)
      if (i % 2 == 1) expected.push_back(i);
    ASSERT_EQ(expected, offsets_of(*page));
  }

  std::atomic<bool> done_ = false;
  std::vector<std::thread> threads_;
};

TEST_F(StoreThreadsTest, ReadersSeeEverythingUpToTheirHeadAndNothingBeyond) {
  repeat([this] {
    auto posted = store_->post_next();
    ASSERT_TRUE(posted) << posted.error().detail;
    if (!*posted) std::this_thread::yield();
  });
  repeat([this] { check_aggregate(); });
  repeat([this] { check_tag(); });
  write_some();
  stop();
  EXPECT_EQ(Sequence{3000}, store_->aggregates().find("thing", "busy")->sequence);
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(Sequence{75}, store_->aggregates().find("thing", "m" + std::to_string(i))->sequence);
}

TEST_F(StoreThreadsTest, OfManyThatExpectTheSameSequenceOneWins) {
  // Evidence is gathered on many threads, as it is in the daemon.
  for (std::uint64_t round = 0; round < 30; ++round) {
    std::vector<std::unique_ptr<Job>> jobs;
    std::vector<Job*> all;
    for (int i = 0; i < 8; ++i) {
      requests_.push_back({.events = {{.expected = exactly(round)}}});
      jobs.push_back(std::make_unique<Job>());
      jobs.back()->command = append_of(requests_.back());
      all.push_back(jobs.back().get());
    }
    for (Job* job : all) threads_.emplace_back([this, job] { gather(*job); });
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    store_->apply(std::span(all).first(4));
    store_->apply(std::span(all).subspan(4));
    std::size_t won = 0;
    for (const Job* job : all) won += job->result ? 1 : 0;
    EXPECT_EQ(1u, won);
    post();
  }
}

}  // namespace
}  // namespace daybook
