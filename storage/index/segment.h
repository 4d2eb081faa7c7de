// The postings of consecutive events in memory, by term. The window is made of segments; a full one
// becomes one chunk of the index. Not synchronised: the window's lock guards it.
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "storage/base/limits.h"
#include "storage/book/block.h"
#include "storage/index/term.h"

namespace daybook {

// Offsets of a segment, relative to its first.
using Places = boost::container::small_vector<std::uint32_t, 4>;

struct AggregatePostings {
  std::string_view term;
  Sequence first_sequence;  // of places.front(); the rest follow without gaps
  Timestamp first_recorded_at;
  Timestamp last_recorded_at;
  Places places;
  Sequence last_sequence() const { return first_sequence + (places.size() - 1); }
};

struct TermPostings {
  std::string_view term;
  Places places;
};

// Where an id chosen by a client is, and what it stands for.
struct KnownId {
  Offset offset;
  Digest digest;
  std::uint32_t batch_index = 0;
};

struct TermHash {
  std::size_t operator()(std::string_view text) const;
};

class Segment {
 public:
  explicit Segment(Offset first, std::uint32_t events_max = limits::chunk_events,
                   std::size_t bytes_max = limits::chunk_bytes)
      : first_(first), events_max_(events_max), bytes_max_(bytes_max) {}
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  Offset first() const { return first_; }
  Offset last() const { return first_ + count_ - 1; }  // first - 1 while empty
  std::uint32_t count() const { return count_; }
  std::size_t bytes() const { return block_bytes_ + memory_.bytes(); }
  bool full() const;

  // What the writer decided; its block follows once it is on disk.
  void add(const Append& append, const Draft& draft, const Placed& placed);
  // The same from a block: at start, events that the index has not reached yet.
  void add(const EventView& event);
  void add_block(std::shared_ptr<const Block> block);

  const TermPostings* find(std::string_view term) const;
  const AggregatePostings* aggregate(std::string_view term) const;
  // The aggregates with this id, of any type.
  std::vector<const AggregatePostings*> aggregates_with_id(std::string_view id) const;
  const KnownId* id(std::string_view id_term) const;
  std::shared_ptr<const Block> block_at(Offset offset) const;  // nullptr: not on disk yet

  const std::deque<TermPostings>& terms() const { return terms_; }
  const std::deque<AggregatePostings>& aggregates() const { return aggregates_; }
  template <class Visit>
  void for_each_id(Visit visit) const {
    for (const auto& [term, known] : ids_) visit(term, known);
  }

 private:
  template <class Value>
  using Map = boost::unordered_flat_map<std::string_view, Value, TermHash, std::equal_to<>>;

  // Counts what the arena and the containers hold, nearly.
  class Memory {
   public:
    std::string_view keep(std::string_view text);
    void count(std::size_t bytes) { bytes_ += bytes; }
    std::size_t bytes() const { return bytes_; }

   private:
    std::pmr::monotonic_buffer_resource arena_{64 << 10};
    std::size_t bytes_ = 0;
  };

  struct Terms {
    std::string_view event_type, aggregate_type, aggregate_id, correlation_id, causation_id;
    const TagViews& tags;
  };
  void post(const Terms& terms, const Placed& placed);
  void post(TermKind kind, std::string_view name, std::uint32_t place);
  void post_aggregate(std::string_view type, std::string_view id, const Placed& placed,
                      std::uint32_t place);
  void know(std::string_view id_space, std::string_view id, const KnownId& known);

  const Offset first_;
  const std::uint32_t events_max_;
  const std::size_t bytes_max_;
  std::uint32_t count_ = 0;
  std::size_t block_bytes_ = 0;
  Memory memory_;
  std::string scratch_;
  std::deque<TermPostings> terms_;
  std::deque<AggregatePostings> aggregates_;
  Map<TermPostings*> term_places_;
  Map<AggregatePostings*> aggregate_places_;
  Map<boost::container::small_vector<AggregatePostings*, 1>> aggregates_by_id_;
  Map<KnownId> ids_;
  std::vector<std::shared_ptr<const Block>> blocks_;
};

}  // namespace daybook
