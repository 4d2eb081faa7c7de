// Power cuts under a queue: what a worker was told holds after the restart. Its leases are there
// with their attempts, what it acked never comes back, an append and its ack are there together or
// not at all, and in the end no event was left out.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "storage/engine/crash_file_system.h"
#include "storage/store.h"
#include "tests/storage/random_steps.h"
#include "tests/storage/seed.h"

namespace daybook {
namespace {

using namespace test;
using engine::CrashFileSystem;
using engine::CrashPlan;

constexpr const char* kQueue = "q";

// One worker of one queue, who remembers what it was told.
class Worker {
 public:
  explicit Worker(std::uint64_t seed) : random_(seed) {}

  // Something that a daemon would do. False: the log works no more.
  bool step(Store& store) {
    if (!store.groups().find(kQueue)) return put(store);
    const bool went_on = act(store, random_.below(100));
    if (went_on) committed_ = std::max(committed_, store.groups().find(kQueue)->committed);
    return went_on;
  }

  // Every promise. Leases are looked at by extending them, which writes nothing.
  void check(Store& store) {
    to_bury_.clear();
    ASSERT_GE(store.committed(), head_);
    if (!store.groups().find(kQueue)) {
      ASSERT_FALSE(was_put_);
      return;
    }
    ASSERT_GE(store.groups().find(kQueue)->committed, committed_);
    ASSERT_LE(store.groups().find(kQueue)->committed, store.committed());
    ASSERT_EQ(std::set<std::uint64_t>{}, refused(store, leases_)) << "leases that were told";
    for (const std::uint64_t dead : dead_)
      ASSERT_TRUE(*store.book().dead_letter(kQueue, Offset{dead})) << "dead letter " << dead;
    for (const auto& [id, acked] : acks_in_doubt_) {
      const bool appended = !!store.reader().find("", id, engine::Tier::disk);
      ASSERT_EQ(appended ? acked.size() : 0, refused(store, acked).size())
          << id << " is " << (appended ? "there" : "absent") << ": so is its ack";
    }
    acks_in_doubt_.clear();
  }

  // After a start the leases of before may end.
  void outlive_leases() {
    now_.steady += std::chrono::minutes(1);
    leases_.clear();
  }

  // Takes and acks until nothing is left.
  void drain(Store& store) {
    for (int round = 0; round < 10'000; ++round) {
      if (store.groups().queue_view(kQueue)->committed == store.committed()) break;
      outlive_leases();
      ASSERT_TRUE(deliver(store, 1000));
      ASSERT_TRUE(bury(store));
      ASSERT_TRUE(ack(store, leases_));
    }
    for (std::uint64_t offset = 1; offset <= store.committed().value; ++offset)
      ASSERT_TRUE(finished_.contains(offset) || maybe_finished_.contains(offset))
          << offset << " was never delivered";
    // One more than was told where a burial had no answer.
    const auto kept = store.book().dead_letters(kQueue, {}, 100'000);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->letters.size(), store.groups().queue_view(kQueue)->dead_letters);
    EXPECT_GE(kept->letters.size(), dead_.size());
  }

  QueueTime now() const { return now_; }
  std::size_t told() const { return finished_.size() + leases_.size(); }

 private:
  using Leases = std::map<std::uint64_t, Attempt>;

  bool act(Store& store, std::uint64_t dice) {
    if (dice < 25) return append(store, {});
    if (dice < 50) return deliver(store, static_cast<std::uint32_t>(random_.below(5)));
    if (dice < 65) return ack(store, some_leases());
    if (dice < 80) return append(store, some_leases());
    if (dice < 90) return nack(store, some_leases());
    return bury(store);
  }

  // At least of one event, where there is any.
  Leases some_leases() {
    Leases some;
    for (const auto& lease : leases_)
      if (some.empty() || random_.chance(40)) some.insert(lease);
    return some;
  }

  static std::optional<Applied> apply(Store& store, Command command) {
    Job job{.command = std::move(command)};
    auto evidence = store.gather(job.command, engine::Tier::disk);
    if (!evidence) return std::nullopt;
    job.evidence = std::move(*evidence);
    Job* one[] = {&job};
    store.apply(one);
    if (job.result) return std::move(*job.result);
    EXPECT_TRUE(store.failed()) << job.result.error().detail;
    return std::nullopt;
  }
  std::optional<TurnResult> turn(Store& store, QueueTurn turn, std::uint32_t credits = 0) {
    turn.group = kQueue;
    TurnQueues turns{.now = now_, .demand = {{.member = "m", .count = credits}}};
    turns.turns.push_back(std::move(turn));
    auto applied = apply(store, std::move(turns));
    if (!applied) return std::nullopt;
    TurnResult result = *applied->turns.front();
    for (const Burial& burial : result.outlook.to_bury)
      to_bury_.insert_or_assign(burial.offset.value, burial.facts);
    return result;
  }
  template <class Step>
  static Step on(const Leases& leases) {
    Step step{.member = "m"};
    for (const auto& [offset, attempt] : leases)
      step.leases.push_back({.offset = Offset{offset}, .attempt = attempt});
    return step;
  }
  std::set<std::uint64_t> refused(Store& store, const Leases& leases) {
    std::set<std::uint64_t> offsets;
    const auto result = turn(store, {.steps = {on<ExtendLeases>(leases)}});
    EXPECT_TRUE(result);
    if (result)
      for (const Offset offset : result->steps.front().refused) offsets.insert(offset.value);
    return offsets;
  }

  bool put(Store& store) {
    PutGroup put{.group = kQueue};
    put.settings.mode = GroupMode::queue;
    put.settings.queue.max_deliveries = 3;
    put.settings.queue.backoff_ms = {0};
    put.settings.queue.breaker_ratio = 2;
    was_put_ = was_put_ || apply(store, std::move(put));
    return was_put_;
  }

  bool deliver(Store& store, std::uint32_t credits) {
    const Offset after = examined_.value_or(store.groups().queue_view(kQueue)->examined);
    Admission read{.after = after, .examined = store.committed()};
    for (Offset at = after + 1; at <= read.examined; at = at + 1)
      read.events.push_back({.offset = at, .lane = at.value % 3});
    const auto result = turn(store, {.admission = std::move(read)}, credits);
    if (!result) return false;
    examined_ = result->outlook.examined;
    for (const Delivery& delivery : result->deliveries) {
      const std::uint64_t offset = delivery.offset.value;
      EXPECT_FALSE(finished_.contains(offset)) << offset << " was finished";
      EXPECT_GT(delivery.attempt, attempts_[offset]) << offset;
      EXPECT_TRUE(leases_.emplace(offset, delivery.attempt).second) << offset << " is leased";
      attempts_[offset] = delivery.attempt;
    }
    return true;
  }

  void finish(const Leases& leases) {
    for (const auto& [offset, attempt] : leases) finished_.insert(offset);
  }
  // Until the answer comes nobody knows what they are.
  void doubt(const Leases& leases) {
    for (const auto& [offset, attempt] : leases) {
      leases_.erase(offset);
      maybe_finished_.insert(offset);
    }
  }

  bool ack(Store& store, const Leases some) {
    doubt(some);
    const auto result = turn(store, {.steps = {on<AckLeases>(some)}});
    if (!result) return false;
    EXPECT_TRUE(result->steps.front().refused.empty());
    finish(some);
    return true;
  }

  bool nack(Store& store, const Leases& some) {
    for (const auto& [offset, attempt] : some) leases_.erase(offset);
    return turn(store, {.steps = {on<NackLeases>(some)}}).has_value();
  }

  // One event, and where there are leases their ack.
  bool append(Store& store, const Leases& some) {
    const std::string id = "e" + std::to_string(next_id_++);
    const Request request{.events = {{.id = id}}, .stamped_at = now_.wall};
    Append append = append_of(request);
    append.stamped_moment = now_.steady;
    if (!some.empty()) {
      append.ack = AckWithAppend{.group = kQueue, .leases = on<AckLeases>(some)};
      doubt(some);
      acks_in_doubt_.emplace(id, some);
    }
    const auto applied = apply(store, std::move(append));
    if (!applied) return false;
    head_ = applied->placed.front().offset;
    acks_in_doubt_.erase(id);
    finish(some);
    return true;
  }

  bool bury(Store& store) {
    for (const auto& [offset, facts] : std::exchange(to_bury_, {})) {
      const auto page = store.reader().find(Offset{offset}, engine::Tier::disk);
      if (!page) return false;
      maybe_finished_.insert(offset);
      BuryEvent step{.offset = Offset{offset},
                     .row = encode_dead_letter(page->events.front(), facts)};
      const auto result = turn(store, {.steps = {std::move(step)}});
      if (!result) return false;
      if (!result->steps.front().refused.empty()) continue;  // It was buried before.
      finished_.insert(offset);
      dead_.insert(offset);
    }
    return true;
  }

 public:
  // The daemon is another one: it reads anew.
  void restarted() { examined_.reset(); }

 private:
  Random random_;
  QueueTime now_{.steady = Moment(std::chrono::hours(1)), .wall = {1'000'000'000}};
  std::uint64_t next_id_ = 0;
  std::optional<Offset> examined_;
  std::map<std::uint64_t, DeadLetterFacts> to_bury_;

  // What was told.
  bool was_put_ = false;
  Offset head_;
  Offset committed_;
  Leases leases_;
  Leases attempts_;                   // the highest
  std::set<std::uint64_t> finished_;  // acked or dead
  std::set<std::uint64_t> dead_;
  // What was asked for, and perhaps not answered.
  std::set<std::uint64_t> maybe_finished_;
  std::map<std::string, Leases> acks_in_doubt_;  // by the id of the event appended with them
};

class QueueCrashTest : public testing::Test {
 protected:
  void open(Worker& worker) {
    Store::Options options;
    options.data_dir = dir_.path() + "/data";
    options.cache_bytes = 1 << 20;
    options.memtable_bytes = 512 << 10;
    options.chunk_events = 24;
    options.new_log_id = LogId{1, 2, 3};
    options.file_system = &disk_;
    options.started = worker.now();
    auto opened = Store::open(std::move(options));
    if (opened) store_ = std::move(*opened);
    EXPECT_TRUE(opened || disk_.crashed()) << opened.error().detail;
    worker.restarted();
  }
  void run(Worker& worker, int steps) {
    for (int i = 0; store_ && i < steps && worker.step(*store_); ++i)
      if (HasFailure()) return;
  }
  void restart(Worker& worker) {
    if (!disk_.crashed()) disk_.crash(seed_);
    store_.reset();
    disk_.restart();
    open(worker);
    ASSERT_TRUE(store_);
    worker.check(*store_);
  }

  const std::uint64_t seed_ = test_seed();
  TempDir dir_;
  CrashFileSystem disk_{dir_.path() + "/scratch"};
  std::unique_ptr<Store> store_;
};

TEST_F(QueueCrashTest, WhatAWorkerWasToldOutlivesManyCrashes) {
  Worker worker(seed_);
  Random random(seed_ + 1);
  open(worker);
  for (int life = 1; life <= 60; ++life) {
    SCOPED_TRACE("life " + std::to_string(life));
    disk_.plan(CrashPlan{
        .nth_sync = 1 + random.below(40),
        .moment = random.chance(50) ? CrashPlan::Moment::before : CrashPlan::Moment::after,
        .seed = random.below(~std::uint64_t{0})});
    run(worker, 60);
    ASSERT_FALSE(HasFailure());
    ASSERT_NO_FATAL_FAILURE(restart(worker));
    if (random.chance(40)) worker.outlive_leases();
  }
  EXPECT_GT(worker.told(), 100U);
  worker.drain(*store_);
}

TEST_F(QueueCrashTest, EverySyncOfAShortLifeMayBeTheLast) {
  for (std::uint64_t nth = 1; nth <= 40; ++nth) {
    SCOPED_TRACE("crash at sync " + std::to_string(nth));
    store_.reset();
    std::filesystem::remove_all(dir_.path() + "/data");
    Worker worker(seed_ + nth);
    disk_.plan(CrashPlan{.nth_sync = nth,
                         .moment = nth % 2 ? CrashPlan::Moment::before : CrashPlan::Moment::after,
                         .seed = nth});
    open(worker);
    run(worker, 25);
    ASSERT_NO_FATAL_FAILURE(restart(worker));
    run(worker, 5);
    ASSERT_FALSE(HasFailure());
    if (store_->groups().find(kQueue)) worker.drain(*store_);
  }
}

}  // namespace
}  // namespace daybook
