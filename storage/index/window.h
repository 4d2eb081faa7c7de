// The recent events in memory, hashed by everything that can be asked. It always covers what the
// index has not reached yet, so that index and window together are exact at once.
//
// One thread, the writer, adds and commits; one, the poster, drops; any thread looks.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <vector>

#include "storage/base/result.h"
#include "storage/index/head_cache.h"
#include "storage/index/segment.h"
#include "storage/model/query.h"

namespace daybook {

// Offsets strictly between the two.
struct Between {
  Offset after;
  Offset before = kEndOfLog;
};

// What the window held at one moment. Nothing it shows is above `head`.
class WindowView {
 public:
  Offset head() const { return head_; }
  Offset first() const { return segments_.front()->first(); }
  // False while a start still loads it: then index and window together have gaps, and only what
  // the book answers alone can be asked.
  bool is_whole() const { return is_whole_; }
  // Everything after `after` is here.
  bool covers_after(Offset after) const {
    return after >= head_ || (is_whole_ && after + 1 >= first());
  }

  // Adds up to `max` offsets of the term within the bounds, in the order asked.
  void collect(std::string_view term, Between bounds, Order order, std::size_t max,
               std::vector<Offset>& out) const;
  // The terms of all aggregates with this id, of any type.
  std::vector<std::string> aggregate_terms(std::string_view aggregate_id) const;
  // The offsets of one aggregate's events with sequences in [from, to], ascending.
  std::vector<Offset> sequences(std::string_view term, Sequence from, Sequence to) const;
  // Event types that begin with the prefix.
  std::vector<std::string> event_types(std::string_view prefix) const;
  // The first and last postings of the aggregate here, nothing where there is none.
  std::optional<AggregateInfo> aggregate(std::string_view type, std::string_view id) const;
  std::optional<KnownId> id(std::string_view id_term) const;
  // Names of aggregates above `after` (a `listed` term), unsorted: every one of them.
  void aggregates_above(std::string_view after, std::string_view type,
                        std::vector<std::string>& out) const;
  // nullptr where the offset is not in the window.
  std::shared_ptr<const Block> block_at(Offset offset) const;

 private:
  friend class Window;
  Offset head_;
  bool is_whole_ = true;
  std::vector<std::shared_ptr<const Segment>> segments_;  // ascending, gapless, at least one
  std::shared_mutex* mutex_ = nullptr;                    // the last one may still grow
};

// What is answered in place of all that needs a whole window.
Error recovering();

struct WindowOptions {
  // A segment is complete once it has so many events, or takes so many bytes.
  std::uint32_t chunk_events = limits::chunk_events;
  std::size_t chunk_bytes = limits::chunk_bytes;
  std::size_t heads_max = 1 << 20;  // in the head cache
  std::uint64_t hash_seed = 0;
};

class Window {
 public:
  explicit Window(Offset head, WindowOptions options = {});

  // Any thread.
  Offset committed() const { return Offset{committed_.load()}; }
  WindowView view() const;
  bool is_whole() const { return is_whole_.load(); }
  std::size_t bytes() const { return bytes_.load(); }
  // Of what the index has not reached.
  std::size_t unposted_bytes() const { return unposted_bytes_.load(); }

  // The writer. What was added shows to no reader before `commit`. A segment ends only between
  // commits, so that no block lies in two; what the next commit has added meanwhile stays unseen.
  void begin_commit();
  // Gives each event its sequence: after its aggregate's newest, which is `evidence` where the
  // window knows none.
  void add(const Append& append, std::span<Placed> placed, std::span<const Sequence> evidence);
  void commit(std::vector<std::shared_ptr<const Block>> blocks, Offset head);
  // As written: what is added and not committed counts too.
  std::optional<Sequence> sequence_of(std::string_view aggregate_term) const;
  // What the writer has put there outlives the window.
  HeadCache& heads() const { return heads_; }
  std::optional<KnownId> id_as_written(std::string_view id_term) const;
  Offset first() const;

  // At start, one thread: the index reaches up to `posted`, the book up to `head`. What lies
  // between is loaded block by block; until `end_load` the window is not whole. May be begun again.
  void begin_load(Offset posted, Offset head);
  // The events of the block above `after`.
  Result<void> load(std::shared_ptr<const Block> block, Offset after);
  void end_load() { is_whole_.store(true); }

  // The writer, while it decides: what the window has now stays.
  std::unique_lock<std::mutex> hold() const { return std::unique_lock(forgetting_); }

  // The poster. The oldest segment that is complete, committed and above `posted`; nullptr: none.
  std::shared_ptr<const Segment> next_to_post(Offset posted) const;
  // Closes the segment that still grows, where it holds anything: at a clean stop.
  void seal();
  // Forgets all but the newest posted segment, once nothing is held.
  void posted(Offset upto);

 private:
  std::optional<Sequence> find_in_segments(std::string_view aggregate_term) const;
  void add_segment(Offset first);
  void grow();
  void grow_if_full();
  void add_block(std::shared_ptr<const Block> block);
  void count_bytes(Offset posted);

  const WindowOptions options_;
  mutable HeadCache heads_;
  mutable std::mutex forgetting_;  // taken before `mutex_`
  mutable std::shared_mutex mutex_;
  std::vector<std::shared_ptr<Segment>> segments_;
  std::atomic<std::uint64_t> committed_;
  std::atomic<bool> is_whole_{true};
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::size_t> unposted_bytes_{0};
  Offset posted_;
};

}  // namespace daybook
