// Knows what was sent to a log, what was acknowledged, and what readers saw; says whether a log
// that comes back after a crash keeps all of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "storage/store.h"

namespace daybook {

class Witness {
 public:
  explicit Witness(std::uint64_t seed) : random_(seed) {}

  // Does something that a daemon would do, chosen at random. False: the log works no more.
  bool step(Store& store);
  // Appends and group commits, in so many commits that overlap. The same.
  bool append(Store& store, std::size_t commits = 1);
  // Posts to the index. The same.
  bool post(Store& store);

  // Every promise of the log, by gtest expectations. What is read here counts as seen.
  void check(const Store& store);

  std::size_t acknowledged() const;

 private:
  struct SentEvent {
    std::string id;  // empty: the server makes one
    std::string event_type;
    std::string aggregate_type;
    std::string aggregate_id;
    std::string tag;
    std::string payload;
  };
  // What is known of a batch: an append without an answer may be there or not, but whole.
  enum class Fate : std::uint8_t { in_doubt, absent, there };
  struct SentBatch {
    std::vector<SentEvent> events;
    Fate fate = Fate::in_doubt;
    Offset first;  // there
  };
  // What a job was meant to do.
  struct Sent {
    std::optional<std::size_t> batch;
    bool is_retry = false;
    std::optional<Offset> commits;
  };
  // What is committed together.
  struct Round {
    std::vector<Job> jobs;
    std::vector<Sent> sent;
  };

  bool chance(unsigned percent) { return random_() % 100 < percent; }
  SentBatch make_batch(std::size_t number);
  Append append_of(const SentBatch& batch);
  void add_append(Round& round, Offset head);
  void add_retry(Round& round);
  void add_group_command(Round& round, Offset head);
  Round make_round(Offset head);
  bool gather(const Store& store, Round& round);
  void note(const Round& round);
  void note(const Job& job, const Sent& sent);

  void read_all(const Store& store);
  void check_event(const EventView& event);
  void check_batches(const Store& store);
  void check_group(const Store& store);
  void check_index(const Store& store) const;

  std::mt19937_64 random_;
  std::int64_t clock_ = 1'000'000;
  std::vector<SentBatch> batches_;
  std::map<Offset, std::pair<std::size_t, std::size_t>> seen_;  // batch and place in it

  bool group_exists_ = false;
  Offset group_committed_;
  std::set<Offset> group_in_doubt_;

  // What `read_all` found: every event's facts, by offset from 1.
  struct Found {
    std::size_t batch = 0;
    std::size_t place = 0;
    Sequence sequence;
  };
  std::vector<Found> log_;
  Timestamp last_recorded_;
};

}  // namespace daybook
