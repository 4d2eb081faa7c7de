// Random commands and queries over small pools of names, so that they meet each other all the time.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "tests/storage/model_store.h"

namespace daybook::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class T>
  const T& pick(const std::vector<T>& pool) {
    return pool[below(pool.size())];
  }

 private:
  std::mt19937_64 engine_;
};

class RandomSteps {
 public:
  RandomSteps(Random& random, const ModelStore& model) : random_(random), model_(model) {}

  Step step();
  Filter filter();
  Query query();
  AggregateQuery aggregate_query();
  GroupStart start();

  static const std::vector<std::string>& aggregate_types();
  static const std::vector<std::string>& aggregate_ids();

 private:
  Request fresh_request();
  Request repeated_request();
  Event event();
  Expected expected(const Event& event);
  Condition condition();
  CommitOffset commit();
  PutGroup put();
  Offset offset_near_head();
  void choose_ids(Request& request);
  std::vector<std::string> some(const std::vector<std::string>& pool, unsigned percent);
  TimeRange times();

  Random& random_;
  const ModelStore& model_;
  std::int64_t clock_ = 1'000'000;
  std::uint64_t next_id_ = 0;
};

}  // namespace daybook::test
