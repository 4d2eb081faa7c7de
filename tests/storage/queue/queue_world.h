// A small world around a queue, all of it drawn from one seed: a log that grows, members that work
// well and badly, an operator, a daemon that dies. Each turn is followed by the model.
#pragma once

#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "tests/storage/queue/queue_model.h"
#include "tests/storage/queue/queue_rig.h"

namespace daybook::test {

class QueueWorld {
 public:
  // `trace`: where to tell what happens; nullptr: nowhere.
  QueueWorld(std::uint64_t seed, GroupOrder order, int steps, std::ostream* trace = nullptr);

  // Some steps, and then everybody works well until all is finished.
  void run();
  // What was wrong, "" if nothing.
  const std::string& problem() const { return problem_; }
  // Of everything that the queue gave.
  std::uint64_t hash() const { return hash_; }
  std::uint64_t deliveries() const { return delivered_; }

 private:
  struct Worker {
    std::string name;
    std::vector<LeaseName> held;  // what it was told and has not answered
    std::vector<LeaseName> past;  // the last ones that it has
  };

  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::chrono::milliseconds some_time(std::uint64_t max_ms);
  static GroupRow random_group(std::mt19937_64& random, GroupOrder order);

  void append_some();
  void pass_time();
  // A commit: some turns and other doings, then their rows. It may be lost.
  void commit();
  void commit_one();
  void turn();
  void drain();
  void drain_turn();
  bool is_drained() const;
  void take(QueueTurn turn, std::vector<Demand> demand);
  void restart();

  // What members and the operator ask for.
  void work(Worker& worker, std::vector<QueueStep>& steps);
  QueueStep answer(Worker& worker, std::vector<LeaseName> leases);
  std::vector<LeaseName> pick_leases(Worker& worker);
  void ack_with_append();
  void settle_letters(std::vector<QueueStep>& steps);
  void configure();
  void reset();

  void tell(const std::string& what);
  void mix(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x100000001b3; }
  void mix(const TurnResult& result);

  std::mt19937_64 random_;
  QueueRig rig_;
  QueueModel model_;
  const int steps_;
  std::ostream* const trace_;
  const std::uint64_t aggregates_;
  const bool is_zipf_;
  const unsigned unwanted_percent_;
  const unsigned bad_percent_;  // of what members do
  std::vector<Worker> workers_;
  std::vector<std::pair<std::size_t, LeaseName>> deliveries_;  // of this commit: not told yet
  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::uint64_t delivered_ = 0;
  std::string problem_;
};

}  // namespace daybook::test
